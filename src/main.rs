//! `handover`: one binary, one command a run.

use mimalloc::MiMalloc;

/// By measurement: see BENCHMARKS.md.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    handover::cli::main()
}
