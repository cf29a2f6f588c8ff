//! stub
/// stub
pub fn run(_: &[&crate::lesson::Lesson]) -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
