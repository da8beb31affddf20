"""What Bazel 7 and later take from the system, too: the headers for the Python extension."""
load("//third_party:debian.bzl", "python_deps")

system = module_extension(implementation = lambda ctx: python_deps())
