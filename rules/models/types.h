// Types and constants of the headers that enclave projects include and that are not part of them, on x86-64.
// Written from: Intel SGX SDK common/inc (sgx_*.h); Open Enclave SDK include/openenclave (bits/*.h, seal.h,
// attestation/*.h, internal/datetime.h); secGear sdk/inc/enclave_inc (status.h, secgear_dataseal.h); OpenSSL
// include/openssl (md5.h, sha.h, evp.h, aes.h); gmp.h; Linux and glibc headers for the rest.
// Each item is written in full and without conditions: this file is read item by item, on demand.

// ---- C and POSIX ----
typedef long ssize_t;
typedef long ptrdiff_t;
typedef long off_t;
typedef long off64_t;
typedef long loff_t;
typedef long time_t;
typedef long suseconds_t;
typedef long clock_t;
typedef int pid_t;
typedef int clockid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned int mode_t;
typedef unsigned int useconds_t;
typedef unsigned int socklen_t;
typedef unsigned int in_addr_t;
typedef unsigned short sa_family_t;
typedef unsigned short in_port_t;
typedef unsigned long dev_t;
typedef unsigned long ino_t;
typedef unsigned long nlink_t;
typedef unsigned long nfds_t;
typedef unsigned long rlim_t;
typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef long blksize_t;
typedef long blkcnt_t;
typedef unsigned char byte;
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long uint64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned char BYTE;
typedef unsigned short WORD;
typedef unsigned int DWORD;
typedef int BOOL;
typedef void (*sighandler_t)(int);
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct timespec { time_t tv_sec; long tv_nsec; };
struct timezone { int tz_minuteswest; int tz_dsttime; };
struct itimerval { struct timeval it_interval; struct timeval it_value; };
struct tm {
    int tm_sec; int tm_min; int tm_hour; int tm_mday; int tm_mon; int tm_year; int tm_wday; int tm_yday; int tm_isdst;
    long tm_gmtoff; const char *tm_zone;
};
struct stat {
    dev_t st_dev; ino_t st_ino; nlink_t st_nlink; mode_t st_mode; uid_t st_uid; gid_t st_gid; int pad0; dev_t st_rdev;
    off_t st_size; blksize_t st_blksize; blkcnt_t st_blocks;
    struct timespec st_atim; struct timespec st_mtim; struct timespec st_ctim; long reserved[3];
};
struct in_addr { in_addr_t s_addr; };
struct in6_addr { union { uint8_t s6_addr[16]; uint32_t s6_words[4]; }; };
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_in { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; unsigned char sin_zero[8]; };
struct sockaddr_in6 {
    sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo; struct in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};
struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; };
struct sockaddr_storage { sa_family_t ss_family; char ss_padding[118]; unsigned long ss_align; };
struct addrinfo {
    int ai_flags; int ai_family; int ai_socktype; int ai_protocol; socklen_t ai_addrlen; struct sockaddr *ai_addr;
    char *ai_canonname; struct addrinfo *ai_next;
};
struct hostent { char *h_name; char **h_aliases; int h_addrtype; int h_length; char **h_addr_list; };
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr {
    void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; void *msg_control;
    size_t msg_controllen; int msg_flags;
};
struct pollfd { int fd; short events; short revents; };
struct linger { int l_onoff; int l_linger; };
struct rlimit { rlim_t rlim_cur; rlim_t rlim_max; };
struct flock { short l_type; short l_whence; off_t l_start; off_t l_len; pid_t l_pid; };
struct utimbuf { time_t actime; time_t modtime; };
struct dirent { ino_t d_ino; off_t d_off; unsigned short d_reclen; unsigned char d_type; char d_name[256]; };
struct utsname {
    char sysname[65]; char nodename[65]; char release[65]; char version[65]; char machine[65]; char domainname[65];
};
typedef struct { unsigned long bits[16]; } fd_set;
typedef union { char opaque[40]; long align; } pthread_mutex_t;
typedef union { char opaque[48]; long align; } pthread_cond_t;
typedef union { char opaque[56]; long align; } pthread_rwlock_t;
typedef union { char opaque[56]; long align; } pthread_attr_t;
typedef union { char opaque[4]; int align; } pthread_mutexattr_t;
typedef struct { int quot; int rem; } div_t;
#define CHAR_BIT 8
#define SCHAR_MAX 127
#define CHAR_MAX 127
#define UCHAR_MAX 255
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MAX 2147483647
#define INT_MIN (-2147483647 - 1)
#define UINT_MAX 4294967295U
#define LONG_MAX 9223372036854775807L
#define LONG_MIN (-9223372036854775807L - 1L)
#define ULONG_MAX 18446744073709551615UL
#define LLONG_MAX 9223372036854775807LL
#define ULLONG_MAX 18446744073709551615ULL
#define INT8_MAX 127
#define INT16_MAX 32767
#define INT32_MAX 2147483647
#define INT64_MAX 9223372036854775807L
#define UINT8_MAX 255
#define UINT16_MAX 65535
#define UINT32_MAX 4294967295U
#define UINT64_MAX 18446744073709551615UL
#define SIZE_MAX 18446744073709551615UL
#define SSIZE_MAX 9223372036854775807L
#define PATH_MAX 4096
#define NAME_MAX 255
#define BUFSIZ 8192
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46

// ---- OpenSSL ----
#define MD5_DIGEST_LENGTH 16
#define SHA_DIGEST_LENGTH 20
#define SHA224_DIGEST_LENGTH 28
#define SHA256_DIGEST_LENGTH 32
#define SHA384_DIGEST_LENGTH 48
#define SHA512_DIGEST_LENGTH 64
#define EVP_MAX_MD_SIZE 64
#define EVP_MAX_KEY_LENGTH 64
#define EVP_MAX_IV_LENGTH 16
#define EVP_MAX_BLOCK_LENGTH 32
#define AES_BLOCK_SIZE 16

// ---- Intel SGX SDK ----
#define SGX_SHA1_HASH_SIZE 20
#define SGX_SHA256_HASH_SIZE 32
#define SGX_SHA384_HASH_SIZE 48
#define SGX_ECP256_KEY_SIZE 32
#define SGX_NISTP_ECP256_KEY_SIZE (SGX_ECP256_KEY_SIZE / sizeof(uint32_t))
#define SGX_AESGCM_IV_SIZE 12
#define SGX_AESGCM_KEY_SIZE 16
#define SGX_AESGCM_KEY256_SIZE 32
#define SGX_AESGCM_MAC_SIZE 16
#define SGX_HMAC256_KEY_SIZE 32
#define SGX_HMAC256_MAC_SIZE 32
#define SGX_CMAC_KEY_SIZE 16
#define SGX_CMAC_MAC_SIZE 16
#define SGX_AESCTR_KEY_SIZE 16
#define SGX_RSA3072_KEY_SIZE 384
#define SGX_RSA3072_PRI_EXP_SIZE 384
#define SGX_RSA3072_PUB_EXP_SIZE 4
#define SGX_SEAL_TAG_SIZE SGX_AESGCM_MAC_SIZE
#define SGX_SEAL_IV_SIZE 12
#define SGX_HASH_SIZE 32
#define SGX_MAC_SIZE 16
#define SGX_REPORT_DATA_SIZE 64
#define SGX_ISVEXT_PROD_ID_SIZE 16
#define SGX_ISV_FAMILY_ID_SIZE 16
#define SGX_KEYID_SIZE 32
#define SGX_CPUSVN_SIZE 16
#define SGX_CONFIGID_SIZE 64
#define SGX_PLATFORM_INFO_SIZE 101
#define SGX_DH_MAC_SIZE 16
#define SGX_DH_SESSION_DATA_SIZE 200
#define SGX_KEYSELECT_SEAL 4
#define SGX_KEYPOLICY_MRENCLAVE 1
#define SGX_KEYPOLICY_MRSIGNER 2
#define SGX_FLAGS_INITTED 0x1ULL
#define SGX_FLAGS_DEBUG 0x2ULL
typedef uint64_t sgx_enclave_id_t;
typedef uint8_t sgx_launch_token_t[1024];
typedef uint8_t sgx_key_128bit_t[16];
typedef uint8_t sgx_mac_t[SGX_MAC_SIZE];
typedef uint8_t sgx_config_id_t[SGX_CONFIGID_SIZE];
typedef uint8_t sgx_isvext_prod_id_t[SGX_ISVEXT_PROD_ID_SIZE];
typedef uint8_t sgx_isvfamily_id_t[SGX_ISV_FAMILY_ID_SIZE];
typedef uint8_t sgx_epid_group_id_t[4];
typedef uint8_t sgx_rsa3072_signature_t[SGX_RSA3072_KEY_SIZE];
typedef uint8_t sgx_sha1_hash_t[SGX_SHA1_HASH_SIZE];
typedef uint8_t sgx_sha256_hash_t[SGX_SHA256_HASH_SIZE];
typedef uint8_t sgx_sha384_hash_t[SGX_SHA384_HASH_SIZE];
typedef uint8_t sgx_aes_gcm_128bit_key_t[SGX_AESGCM_KEY_SIZE];
typedef uint8_t sgx_aes_gcm_256bit_key_t[SGX_AESGCM_KEY256_SIZE];
typedef uint8_t sgx_aes_gcm_128bit_tag_t[SGX_AESGCM_MAC_SIZE];
typedef uint8_t sgx_hmac_256bit_key_t[SGX_HMAC256_KEY_SIZE];
typedef uint8_t sgx_hmac_256bit_tag_t[SGX_HMAC256_MAC_SIZE];
typedef uint8_t sgx_cmac_128bit_key_t[SGX_CMAC_KEY_SIZE];
typedef uint8_t sgx_cmac_128bit_tag_t[SGX_CMAC_MAC_SIZE];
typedef uint8_t sgx_aes_ctr_128bit_key_t[SGX_AESCTR_KEY_SIZE];
typedef uint8_t sgx_ec_key_128bit_t[SGX_CMAC_KEY_SIZE];
typedef uint16_t sgx_isv_svn_t;
typedef uint16_t sgx_config_svn_t;
typedef uint16_t sgx_prod_id_t;
typedef uint32_t sgx_misc_select_t;
typedef uint32_t sgx_ra_context_t;
typedef uintptr_t sgx_thread_t;
typedef volatile uint32_t sgx_spinlock_t;
typedef void *sgx_sha_state_handle_t;
typedef void *sgx_hmac_state_handle_t;
typedef void *sgx_cmac_state_handle_t;
typedef void *sgx_ecc_state_handle_t;
typedef void *sgx_aes_state_handle_t;
typedef void *sgx_exception_handler_t;
typedef struct _sgx_ec256_dh_shared_t { uint8_t s[SGX_ECP256_KEY_SIZE]; } sgx_ec256_dh_shared_t;
typedef struct _sgx_ec256_private_t { uint8_t r[SGX_ECP256_KEY_SIZE]; } sgx_ec256_private_t;
typedef struct _sgx_ec256_public_t { uint8_t gx[SGX_ECP256_KEY_SIZE]; uint8_t gy[SGX_ECP256_KEY_SIZE]; } sgx_ec256_public_t;
typedef struct _sgx_ec256_signature_t {
    uint32_t x[SGX_NISTP_ECP256_KEY_SIZE]; uint32_t y[SGX_NISTP_ECP256_KEY_SIZE];
} sgx_ec256_signature_t;
typedef struct _sgx_rsa3072_public_key_t {
    uint8_t mod[SGX_RSA3072_KEY_SIZE]; uint8_t exp[SGX_RSA3072_PUB_EXP_SIZE];
} sgx_rsa3072_public_key_t;
typedef struct _sgx_rsa3072_key_t {
    uint8_t mod[SGX_RSA3072_KEY_SIZE]; uint8_t d[SGX_RSA3072_PRI_EXP_SIZE]; uint8_t e[SGX_RSA3072_PUB_EXP_SIZE];
} sgx_rsa3072_key_t;
typedef struct _attributes_t { uint64_t flags; uint64_t xfrm; } sgx_attributes_t;
typedef struct _sgx_misc_attribute_t { sgx_attributes_t secs_attr; sgx_misc_select_t misc_select; } sgx_misc_attribute_t;
typedef struct _sgx_cpu_svn_t { uint8_t svn[SGX_CPUSVN_SIZE]; } sgx_cpu_svn_t;
typedef struct _sgx_key_id_t { uint8_t id[SGX_KEYID_SIZE]; } sgx_key_id_t;
typedef struct _sgx_measurement_t { uint8_t m[SGX_HASH_SIZE]; } sgx_measurement_t;
typedef struct _sgx_report_data_t { uint8_t d[SGX_REPORT_DATA_SIZE]; } sgx_report_data_t;
typedef struct _key_request_t {
    uint16_t key_name; uint16_t key_policy; sgx_isv_svn_t isv_svn; uint16_t reserved1; sgx_cpu_svn_t cpu_svn;
    sgx_attributes_t attribute_mask; sgx_key_id_t key_id; sgx_misc_select_t misc_mask; sgx_config_svn_t config_svn;
    uint8_t reserved2[434];
} sgx_key_request_t;
typedef struct _target_info_t {
    sgx_measurement_t mr_enclave; sgx_attributes_t attributes; uint8_t reserved1[2]; sgx_config_svn_t config_svn;
    sgx_misc_select_t misc_select; uint8_t reserved2[8]; sgx_config_id_t config_id; uint8_t reserved3[384];
} sgx_target_info_t;
typedef struct _report_body_t {
    sgx_cpu_svn_t cpu_svn; sgx_misc_select_t misc_select; uint8_t reserved1[12]; sgx_isvext_prod_id_t isv_ext_prod_id;
    sgx_attributes_t attributes; sgx_measurement_t mr_enclave; uint8_t reserved2[32]; sgx_measurement_t mr_signer;
    uint8_t reserved3[32]; sgx_config_id_t config_id; sgx_prod_id_t isv_prod_id; sgx_isv_svn_t isv_svn;
    sgx_config_svn_t config_svn; uint8_t reserved4[42]; sgx_isvfamily_id_t isv_family_id; sgx_report_data_t report_data;
} sgx_report_body_t;
typedef struct _report_t { sgx_report_body_t body; sgx_key_id_t key_id; sgx_mac_t mac; } sgx_report_t;
typedef struct _aes_gcm_data_t {
    uint32_t payload_size; uint8_t reserved[12]; uint8_t payload_tag[SGX_SEAL_TAG_SIZE]; uint8_t payload[];
} sgx_aes_gcm_data_t;
typedef struct _sealed_data_t {
    sgx_key_request_t key_request; uint32_t plain_text_offset; uint8_t reserved[12]; sgx_aes_gcm_data_t aes_data;
} sgx_sealed_data_t;
typedef struct _sgx_thread_queue_t { sgx_thread_t m_first; sgx_thread_t m_last; } sgx_thread_queue_t;
typedef struct _sgx_thread_mutex_t {
    size_t m_refcount; uint32_t m_control; volatile uint32_t m_lock; sgx_thread_t m_owner; sgx_thread_queue_t m_queue;
} sgx_thread_mutex_t;
typedef struct _sgx_thread_mutex_attr_t { unsigned char m_dummy; } sgx_thread_mutexattr_t;
typedef struct _sgx_thread_cond_t { volatile uint32_t m_lock; sgx_thread_queue_t m_queue; } sgx_thread_cond_t;
typedef struct _sgx_thread_rwlock_t {
    uint32_t m_reader_count; uint32_t m_writers_waiting; volatile uint32_t m_lock; sgx_thread_t m_owner;
    sgx_thread_queue_t m_reader_queue; sgx_thread_queue_t m_writer_queue;
} sgx_thread_rwlock_t;
typedef struct _sgx_dh_msg1_t { sgx_ec256_public_t g_a; sgx_target_info_t target; } __attribute__((packed)) sgx_dh_msg1_t;
typedef struct _sgx_dh_msg2_t {
    sgx_ec256_public_t g_b; sgx_report_t report; uint8_t cmac[SGX_DH_MAC_SIZE];
} __attribute__((packed)) sgx_dh_msg2_t;
typedef enum _sgx_dh_session_role_t { SGX_DH_SESSION_INITIATOR, SGX_DH_SESSION_RESPONDER } sgx_dh_session_role_t;
typedef struct _sgx_dh_session_enclave_identity_t {
    sgx_cpu_svn_t cpu_svn; sgx_misc_select_t misc_select; uint8_t reserved_1[28]; sgx_attributes_t attributes;
    sgx_measurement_t mr_enclave; uint8_t reserved_2[32]; sgx_measurement_t mr_signer; uint8_t reserved_3[96];
    sgx_prod_id_t isv_prod_id; sgx_isv_svn_t isv_svn;
} __attribute__((packed)) sgx_dh_session_enclave_identity_t;
typedef struct _sgx_dh_session_t { uint8_t sgx_dh_session[SGX_DH_SESSION_DATA_SIZE]; } sgx_dh_session_t;
typedef struct _spid_t { uint8_t id[16]; } sgx_spid_t;
typedef struct _basename_t { uint8_t name[32]; } sgx_basename_t;
typedef struct _quote_nonce { uint8_t rand[16]; } sgx_quote_nonce_t;
typedef enum { SGX_UNLINKABLE_SIGNATURE, SGX_LINKABLE_SIGNATURE } sgx_quote_sign_type_t;
typedef struct _quote_t {
    uint16_t version; uint16_t sign_type; sgx_epid_group_id_t epid_group_id; sgx_isv_svn_t qe_svn;
    sgx_isv_svn_t pce_svn; uint32_t xeid; sgx_basename_t basename; sgx_report_body_t report_body;
    uint32_t signature_len; uint8_t signature[];
} __attribute__((packed)) sgx_quote_t;
typedef struct _sgx_quote_header_t {
    uint16_t version; uint16_t att_key_type; uint32_t att_key_data_0; sgx_isv_svn_t qe_svn; sgx_isv_svn_t pce_svn;
    uint8_t vendor_id[16]; uint8_t user_data[20];
} __attribute__((packed)) sgx_quote_header_t;
typedef struct _sgx_quote3_t {
    sgx_quote_header_t header; sgx_report_body_t report_body; uint32_t signature_data_len; uint8_t signature_data[];
} __attribute__((packed)) sgx_quote3_t;
typedef struct _platform_info { uint8_t platform_info[SGX_PLATFORM_INFO_SIZE]; } sgx_platform_info_t;
typedef struct _qe_report_info_t {
    sgx_quote_nonce_t nonce; sgx_target_info_t app_enclave_target_info; sgx_report_t qe_report;
} sgx_ql_qe_report_info_t;
typedef enum _status_t {
    SGX_SUCCESS = 0x0000, SGX_ERROR_UNEXPECTED = 0x0001, SGX_ERROR_INVALID_PARAMETER = 0x0002,
    SGX_ERROR_OUT_OF_MEMORY = 0x0003, SGX_ERROR_ENCLAVE_LOST = 0x0004, SGX_ERROR_INVALID_STATE = 0x0005,
    SGX_ERROR_FEATURE_NOT_SUPPORTED = 0x0008, SGX_PTHREAD_EXIT = 0x0009, SGX_ERROR_MEMORY_MAP_FAILURE = 0x000a,
    SGX_ERROR_INVALID_FUNCTION = 0x1001, SGX_ERROR_OUT_OF_TCS = 0x1003, SGX_ERROR_ENCLAVE_CRASHED = 0x1006,
    SGX_ERROR_ECALL_NOT_ALLOWED = 0x1007, SGX_ERROR_OCALL_NOT_ALLOWED = 0x1008, SGX_ERROR_STACK_OVERRUN = 0x1009,
    SGX_ERROR_UNDEFINED_SYMBOL = 0x2000, SGX_ERROR_INVALID_ENCLAVE = 0x2001, SGX_ERROR_INVALID_ENCLAVE_ID = 0x2002,
    SGX_ERROR_INVALID_SIGNATURE = 0x2003, SGX_ERROR_NDEBUG_ENCLAVE = 0x2004, SGX_ERROR_OUT_OF_EPC = 0x2005,
    SGX_ERROR_NO_DEVICE = 0x2006, SGX_ERROR_INVALID_METADATA = 0x2009, SGX_ERROR_DEVICE_BUSY = 0x200c,
    SGX_ERROR_INVALID_VERSION = 0x200d, SGX_ERROR_MODE_INCOMPATIBLE = 0x200e, SGX_ERROR_ENCLAVE_FILE_ACCESS = 0x200f,
    SGX_ERROR_MAC_MISMATCH = 0x3001, SGX_ERROR_INVALID_ATTRIBUTE = 0x3002, SGX_ERROR_INVALID_CPUSVN = 0x3003,
    SGX_ERROR_INVALID_ISVSVN = 0x3004, SGX_ERROR_INVALID_KEYNAME = 0x3005, SGX_ERROR_SERVICE_UNAVAILABLE = 0x4001,
    SGX_ERROR_SERVICE_TIMEOUT = 0x4002, SGX_ERROR_UPDATE_NEEDED = 0x4006, SGX_ERROR_NETWORK_FAILURE = 0x4007,
    SGX_ERROR_BUSY = 0x400a, SGX_ERROR_MC_NOT_FOUND = 0x400c, SGX_ERROR_KDF_MISMATCH = 0x4011
} sgx_status_t;

// ---- Open Enclave SDK ----
#define OE_REPORT_DATA_SIZE 64
#define OE_MAX_REPORT_SIZE (10 * 1024)
#define OE_UNIQUE_ID_SIZE 32
#define OE_SIGNER_ID_SIZE 32
#define OE_PRODUCT_ID_SIZE 16
#define OE_UUID_SIZE 16
#define OE_UEID_SIZE 33
#define OE_SHA256_SIZE 32
#define OE_KEY_SIZE 384
#define OE_EXPONENT_SIZE 4
#define OE_PAGE_SIZE 4096
#define OE_PATH_MAX 4096
#define OE_ENUM_MAX 0xffffffff
#define OE_REPORT_FLAGS_REMOTE_ATTESTATION 1
#define OE_ENCLAVE_FLAG_DEBUG 1
#define OE_ENCLAVE_FLAG_SIMULATE 2
#define OE_UINT8_MAX 0xff
#define OE_UINT16_MAX 0xffff
#define OE_UINT32_MAX 0xffffffffu
#define OE_UINT64_MAX 0xffffffffffffffffu
#define OE_SIZE_MAX OE_UINT64_MAX
#define OE_SSIZE_MAX 0x7fffffffffffffff
#define OE_INT_MAX 0x7fffffff
#define OE_UINT_MAX 0xffffffffU
typedef uint64_t oe_thread_t;
typedef uint32_t oe_once_t;
typedef volatile uint32_t oe_spinlock_t;
typedef struct _oe_uuid_t { uint8_t b[OE_UUID_SIZE]; } oe_uuid_t;
typedef struct _oe_claim { char *name; uint8_t *value; size_t value_size; } oe_claim_t;
typedef struct _oe_identity {
    uint32_t id_version; uint32_t security_version; uint64_t attributes; uint8_t unique_id[OE_UNIQUE_ID_SIZE];
    uint8_t signer_id[OE_SIGNER_ID_SIZE]; uint8_t product_id[OE_PRODUCT_ID_SIZE];
} oe_identity_t;
typedef enum _oe_enclave_type {
    OE_ENCLAVE_TYPE_AUTO = 1, OE_ENCLAVE_TYPE_SGX = 2, OE_ENCLAVE_TYPE_OPTEE = 3, OE_ENCLAVE_TYPE_MAX = 0xffffffff
} oe_enclave_type_t;
typedef struct _oe_report {
    size_t size; oe_enclave_type_t type; size_t report_data_size; size_t enclave_report_size; uint8_t *report_data;
    uint8_t *enclave_report; oe_identity_t identity; uint32_t verification_result;
} oe_report_t;
typedef struct _oe_policy { uint32_t type; void *policy; size_t policy_size; } oe_policy_t;
typedef enum _oe_seal_policy { OE_SEAL_POLICY_UNIQUE = 1, OE_SEAL_POLICY_PRODUCT = 2 } oe_seal_policy_t;
typedef struct _oe_mutex { uint64_t opaque[5]; } oe_mutex_t;
typedef struct _oe_datetime {
    uint32_t year; uint32_t month; uint32_t day; uint32_t hours; uint32_t minutes; uint32_t seconds;
} oe_datetime_t;
typedef enum _oe_result {
    OE_OK, OE_FAILURE, OE_BUFFER_TOO_SMALL, OE_INVALID_PARAMETER, OE_REENTRANT_ECALL, OE_OUT_OF_MEMORY,
    OE_OUT_OF_THREADS, OE_UNEXPECTED, OE_VERIFY_FAILED, OE_NOT_FOUND, OE_INTEGER_OVERFLOW, OE_PUBLIC_KEY_NOT_FOUND,
    OE_OUT_OF_BOUNDS, OE_OVERLAPPED_COPY, OE_CONSTRAINT_FAILED, OE_IOCTL_FAILED, OE_UNSUPPORTED, OE_READ_FAILED,
    OE_SERVICE_UNAVAILABLE, OE_ENCLAVE_ABORTING, OE_ENCLAVE_ABORTED, OE_PLATFORM_ERROR, OE_INVALID_CPUSVN,
    OE_INVALID_ISVSVN, OE_INVALID_KEYNAME, OE_DEBUG_DOWNGRADE, OE_REPORT_PARSE_ERROR, OE_RESULT_MAX = 0xffffffff
} oe_result_t;

// ---- secGear ----
typedef enum _enclave_result_t { CC_SUCCESS = 0, CC_RESULT_MAX = 0xffffffff } cc_enclave_result_t;
typedef struct _enclave_sealed_data_t {
    uint32_t data_body_len; uint8_t reserved[16]; uint8_t data_body[];
} cc_enclave_sealed_data_t;

// ---- GMP ----
typedef struct {
  int _mp_alloc;
  int _mp_size;
  unsigned long *_mp_d;
} __mpz_struct;
typedef __mpz_struct mpz_t[1];
