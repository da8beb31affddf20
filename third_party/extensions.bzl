"""What Bazel 7 and later take from the system, too: headers for the Python extension, cpp-httplib."""
load("//third_party:debian.bzl", "system_deps")

system = module_extension(implementation = lambda ctx: system_deps())
