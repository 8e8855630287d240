#define CHECK_OK(ret, msg) if ((ret) != 0) { report(msg); return -1; }
#define UNLESS(x) if (!(x))
int f(int a) {
  int ret = call(a);
  CHECK_OK(ret, "x")
  ret = call(2);
  CHECK_OK(ret, "y")
  UNLESS(a) { other(); }
  return 0;
}

HRESULT annotated(_In_reads_bytes_(size) const std::uint8_t *data, _In_ size_t size, _Out_ bool &done)
{
    STATISTICS
    done = check(data, size);
    EVIDENCE_CHECK(done, "failed", return false);
    BEGIN_TRY {
        TRY {
            risky();
        }
        CATCH_OTHER(e) {
            handle(e);
        }
    }
    END_TRY;
    return S_OK;
}
