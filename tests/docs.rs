//! The documents that are printed from the code are what the code prints now. `UPDATE_DOCS=1` writes them anew.

#[test]
fn the_settings_reference_is_printed_from_the_declarations() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
    let printed = handover::cli::reference::settings();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &printed).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), printed, "run UPDATE_DOCS=1 cargo test settings_reference");
}
