//! `handover`: one binary, one command a run.

fn main() -> std::process::ExitCode {
    handover::cli::main()
}
