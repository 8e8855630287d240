namespace kms {
class Store : public Base {
  public:
    Store(int size) : Base(size), size_(size), name_("store", 5) {}
    ~Store() { delete[] data_; }
    int get(const char *p, size_t n);
    bool operator==(const Store &other) const { return size_ == other.size_; }
    operator bool() const { return data_ != nullptr; }

  private:
    int size_;
    std::string name_;
    uint8_t *data_;
};

int Store::get(const char *p, size_t n)
{
    name_ = std::string(p, n);
    data_ = new uint8_t[n];
    memcpy(data_, name_.data(), name_.size());
    auto *other = new Store(3);
    other->size_ = this->size_ + size_;
    return other->get(p, n);
}
}

template <typename T> T identity(T value) { return value; }

extern "C" int ecall_get(const char *p, size_t n)
{
    std::string s(p, n);
    std::string t(reinterpret_cast<const char *>(p), n);
    std::lock_guard<std::mutex> guard(mutex);
    sgx_status_t status = {0};
    Point point{1, 2};
    int count(3);
    std::vector<uint8_t> v(n);
    for (const auto &x : v)
        std::cout << "x is " << x << std::endl;
    auto [a, b] = split(s);
    auto add = [&v, n](int z) { return z + n; };
    if (auto *q = find(s); q != nullptr)
        q->run(add(2), static_cast<int>(a));
    return identity<int>(count << 2);
}

int guarded(int a)
{
    try {
        if (a > 3)
            throw std::runtime_error("large");
        risky(a);
    } catch (const std::runtime_error &e) {
        return log(e.what());
    } catch (...) {
        throw;
    }
    return 0;
}
