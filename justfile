# The recipes are exactly what CI runs.

ci: fmt clippy test doc bench-compile

fmt:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-targets -- -D warnings

test:
    cargo test --workspace

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

bench-compile:
    cargo bench --workspace --no-run

deny:
    cargo deny check
