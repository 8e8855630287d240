// Definitions that look like something else: empty bodies, conversions, methods of classes inside functions.
class Sink
{
  public:
    virtual ~Sink() = default;
    virtual void
    accept(const Block& block){};
    operator bool() const { return open_; }
    explicit operator const char*() { return name_; }
    template <typename T> operator T&() const { return cast<T>(name_); }

  private:
    bool open_{};
    char* name_;
};

void Sink::close(std::vector<int>& left){
};

int count(Store& store)
{
    class Counter : public Visitor
    {
      public:
        explicit Counter(int from) : total_(from) {}
        bool visit(const Entry& entry)
        {
            total_ += entry.size;
            return true;
        }
        int total_;
    } counter(1);
    struct Limits
    {
        int low;
        int high;
    } limits = {0, 9};
    store.each(&counter);
    return counter.total_ > limits.high ? limits.low : counter.total_;
}

Status Sink::start(const Config& config) LOCKS_EXCLUDED(lock_)
{
    __asm __volatile("pause");
    if (config.wait) FOREACH(each, config.parts) { begin(each); }
    return OK;
}
