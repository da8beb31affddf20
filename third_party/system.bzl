"""Repositories made of the distribution's -dev packages through pkg-config, under upstream's labels."""
_HEAD = 'load("@rules_cc//cc:defs.bzl", "cc_library")\npackage(default_visibility = ["//visibility:public"])\n'
_LIB = "cc_library(name = %r, hdrs = glob(%r), defines = %r, includes = %r, linkopts = %r, deps = %r)\n"

def _run(ctx, args):
    res = ctx.execute(args)
    if res.return_code:
        fail("%s: %s failed; try: apt-get install %s\n%s" % (ctx.name, args, ctx.attr.apt, res.stderr))
    return [word for word in res.stdout.strip().split(" ") if word]

def _join(folder, name):
    return folder + "/" + name if folder else name

def _system_cc_impl(ctx):
    pkgs = {}
    for label, words in ctx.attr.targets.items():  # "pkg:name" -> pkg-config modules, -flags, :deps
        pkg, _, name = label.partition(":")
        modules = [w for w in words if w[0] not in ":-"]
        flags = (_run(ctx, ["pkg-config", "--cflags", "--libs"] + modules) if modules else []) + [w for w in words if w[0] == "-"]
        includes = []
        for flag in flags:
            if flag.startswith("-I"):  # headers off the default path: through a link
                includes.append("inc_%s_%d" % (name, len(includes)))
                ctx.symlink(flag[2:], _join(pkg, includes[-1]))
        pkgs[pkg] = pkgs.get(pkg, _HEAD) + _LIB % (
            name, [i + "/**" for i in includes], [f[2:] for f in flags if f.startswith("-D")],
            includes, [f for f in flags if f[1] not in "DI"], [w for w in words if w[0] == ":"],
        )
    for pkg, text in ctx.attr.build.items():
        pkgs[pkg] = pkgs.get(pkg, _HEAD) + text
    for pkg, text in pkgs.items():
        ctx.file(_join(pkg, "BUILD.bazel"), text)
    for path, text in ctx.attr.files.items():
        ctx.file(path, text)
    for src, dst in ctx.attr.links.items():
        if not ctx.path(src).exists:
            fail("%s: no %s; try: apt-get install %s" % (ctx.name, src, ctx.attr.apt))
        ctx.symlink(src, dst)

system_cc_repository = repository_rule(implementation = _system_cc_impl, configure = True, local = True, attrs = {
    "apt": attr.string(), "build": attr.string_dict(), "files": attr.string_dict(),
    "links": attr.string_dict(), "targets": attr.string_list_dict(),
})

def _shim_impl(ctx):
    for path, text in ctx.attr.files.items():
        ctx.file(path, text)
        build = _join(path.rpartition("/")[0], "BUILD.bazel")
        if build not in ctx.attr.files:
            ctx.file(build, "")

shim_repository = repository_rule(implementation = _shim_impl, attrs = {"files": attr.string_dict()})

_PYTHON = """load("@rules_cc//cc:defs.bzl", "cc_library")
package(default_visibility = ["//visibility:public"])
cc_library(name = "headers", hdrs = glob(["include/**/*.h"]), includes = ["include"])
"""

def _python_impl(ctx):
    python = ctx.os.environ.get("PYTHON_BIN_PATH", "/usr/bin/python3")
    include = _run(ctx, [python, "-c", "import sysconfig; print(sysconfig.get_paths()['include'])"])[0]
    if not ctx.path(include + "/Python.h").exists:
        fail("no %s/Python.h; try: apt-get install %s" % (include, ctx.attr.apt))
    ctx.symlink(include, "include")
    ctx.file("BUILD.bazel", _PYTHON)

# The headers of the interpreter that is named by PYTHON_BIN_PATH, else of the distribution's.
system_python_repository = repository_rule(implementation = _python_impl, configure = True, local = True,
                                           environ = ["PYTHON_BIN_PATH"], attrs = {"apt": attr.string()})
