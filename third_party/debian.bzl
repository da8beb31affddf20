"""What the WORKSPACE needs on Debian 12 with its Bazel 4.2.3 and no network."""
load("//third_party:system.bzl", "shim_repository", "system_cc_repository", "system_python_repository")

_CC = ["cc_binary", "cc_import", "cc_library", "cc_proto_library", "cc_test", "cc_toolchain", "cc_toolchain_suite", "objc_library"]
_PUBLIC = ', visibility = ["//visibility:public"])\n'
_PROTO = """load("@rules_proto//proto:defs.bzl", "proto_lang_toolchain", "proto_library")
filegroup(name = "protoc", srcs = ["bin/protoc"])
proto_lang_toolchain(name = "cc_toolchain", blacklisted_protos = [":well_known"], command_line = "--cpp_out=$(OUT)", runtime = ":protobuf")
proto_library(name = "well_known", srcs = glob(["include/google/protobuf/*.proto"]), strip_import_prefix = "include")
[alias(name = p + "_proto", actual = ":well_known") for p in ["any", "duration", "struct", "timestamp", "wrappers"]]
"""

def _native(rules):
    return "".join(["%s = native.%s\n" % (r, r) for r in rules])

def debian_rules():
    shim_repository(name = "rules_cc", files = {
        "cc/BUILD.bazel": 'alias(name = "toolchain_type", actual = "@bazel_tools//tools/cpp:toolchain_type"' + _PUBLIC,
        "cc/defs.bzl": _native(_CC),
    })
    shim_repository(name = "rules_shell", files = {"shell/sh_%s.bzl" % k: _native(["sh_" + k]) for k in ["binary", "library", "test"]})
    shim_repository(name = "remote_coverage_tools", files = {"BUILD.bazel": 'filegroup(name = "coverage_report_generator"' + _PUBLIC})
    native.local_repository(name = "rules_java", path = "/usr/share/bazel/rules/java")
    native.local_repository(name = "rules_proto", path = "/usr/share/bazel/rules/proto")

def debian_deps():
    absl = ["container:flat_hash_map", "container:flat_hash_set", "container:inlined_vector", "hash:hash", "status:status", "status:statusor", "strings:strings", "time:time"]
    targets = {"absl/" + t: ["absl_" + t.partition(":")[2]] for t in absl}
    for name, module in {"flag": "absl_flags", "parse": "absl_flags_parse", "usage": "absl_flags_usage"}.items():
        targets["absl/flags:" + name] = [module]
    system_cc_repository(name = "abseil-cpp", apt = "libabsl-dev", targets = targets)
    system_cc_repository(name = "re2", apt = "libre2-dev", targets = {":re2": ["re2"]})
    system_cc_repository(name = "googletest", apt = "libgtest-dev libgmock-dev", targets = {":gtest": ["gmock"], ":gtest_main": ["gmock_main"]})
    system_cc_repository(name = "google_benchmark", apt = "libbenchmark-dev",
                         targets = {":benchmark": ["benchmark"], ":benchmark_main": ["-lbenchmark_main", ":benchmark"]})
    system_cc_repository(name = "libyaml", apt = "libyaml-dev", targets = {":libyaml": ["yaml-0.1"]})
    system_cc_repository(name = "yaml-cpp", apt = "libyaml-cpp-dev", targets = {":yaml-cpp": ["yaml-cpp"]})
    system_cc_repository(name = "simdjson", apt = "libsimdjson-dev", targets = {":simdjson": ["simdjson"]})
    system_cc_repository(name = "openssl", apt = "libssl-dev", targets = {":crypto": ["libcrypto"]})
    system_cc_repository(name = "sqlite3", apt = "libsqlite3-dev", targets = {":sqlite3": ["sqlite3"]})
    system_deps()
    system_cc_repository(name = "zlib", apt = "zlib1g-dev", targets = {":zlib": ["zlib"]})
    system_cc_repository(name = "zstd", apt = "libzstd-dev", targets = {":zstd": ["libzstd"]})
    # Headers only: the packaged library is built with exceptions, which changes its types.
    system_cc_repository(name = "tomlplusplus", apt = "libtomlplusplus-dev", targets = {":tomlplusplus": []},
                         links = {"/usr/include/toml++": "include/toml++"})
    system_cc_repository(
        name = "com_google_protobuf",  # the name that Bazel 4's native proto rules look for
        apt = "protobuf-compiler libprotobuf-dev",
        build = {"": _PROTO, "bazel": ""},
        files = {"bazel/%s.bzl" % r: _native([r]) for r in ["cc_proto_library", "proto_library"]},
        links = {"/usr/bin/protoc": "bin/protoc", "/usr/include/google/protobuf": "include/google/protobuf"},
        targets = {":protobuf": ["protobuf"]},
    )

# What Bazel 7 and later take from the system, too.
def system_deps():
    # lib/cli/board_server.cc overrides what other versions call otherwise.
    system_cc_repository(name = "cpp-httplib", apt = "libcpp-httplib-dev", targets = {":cpp-httplib": ["cpp-httplib"]})
    system_cc_repository(name = "pybind11", apt = "pybind11-dev", targets = {":pybind11": []},
                         links = {"/usr/include/pybind11": "include/pybind11"})
    system_python_repository(name = "system_python", apt = "python3-dev")
