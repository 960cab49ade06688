# What the steps do stands in .ci/run, which needs no just: `just ci` is all of it, `just ci fmt clippy` two steps.

ci *steps:
    .ci/run {{ steps }}

# What takes long, or needs more than the package registries.
slow:
    .ci/run slow
