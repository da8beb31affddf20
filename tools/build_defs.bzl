"""The rules of //lib, //tests and //bench: targets that take all of their folder, warnings on."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

COPTS = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]

def vedette_library(name, exclude = [], textual_hdrs = [], **kwargs):
    """A library of every .cc and .h of its folder, less `exclude` (globs)."""
    cc_library(
        name = name,
        srcs = native.glob(["*.cc"], exclude = exclude),
        hdrs = native.glob(["*.h"], exclude = exclude),
        textual_hdrs = textual_hdrs,
        copts = COPTS,
        visibility = ["//:__subpackages__"],
        **kwargs
    )

def vedette_test(name, srcs, deps = [], main = False, **kwargs):
    """A test of GoogleTest; `main`: it has a main of its own."""
    cc_test(
        name = name,
        srcs = srcs,
        copts = COPTS,
        linkstatic = True,
        deps = deps + ["@googletest//:gtest" if main else "@googletest//:gtest_main"],
        **kwargs
    )

def vedette_binary(name, srcs, **kwargs):
    cc_binary(name = name, srcs = srcs, copts = COPTS, **kwargs)
