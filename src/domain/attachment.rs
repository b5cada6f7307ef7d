//! Attachments: which servers and hosts have a volume. They are kept among what a volume carries besides, in the form in which
//! Cinder and EVS show and export them, since an import may bring any.

use super::prelude::*;

/// One server or host that has a volume. Source of the keys: Cinder's volume body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// The volume's, as Cinder has it.
    pub id: Id,
    pub attachment_id: Id,
    pub volume_id: Id,
    pub server_id: Option<Id>,
    /// Cinder shows it to admins only.
    pub host_name: Option<String>,
    /// Where the server has it: `/dev/vdb`.
    pub device: String,
    pub attached_at: Time,
}

str_enum! {
    /// How a server may use a volume.
    #[derive(Default)]
    pub enum Mode {
        #[default]
        ReadWrite = "rw",
        ReadOnly = "ro",
    }
}

/// Where the attachments are among what a volume carries besides.
const KEY: &str = "attachments";
/// Metadata that Cinder shows: whether it may be attached for reading only, `True` or `False`.
const READONLY: &str = "readonly";
/// Metadata that Cinder shows while a volume is attached: the mode.
const ATTACHED_MODE: &str = "attached_mode";

impl Volume {
    /// What the volume is attached to, each as clients read it.
    pub fn attachments(&self) -> &[Value] {
        self.extra.get(KEY).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether anything has it.
    pub fn is_attached(&self) -> bool {
        !self.attachments().is_empty()
    }

    /// Whether this server has the volume, or without a server this host.
    pub fn is_attached_to(&self, server: Option<Id>, host: Option<&str>) -> bool {
        self.attachments().iter().any(|attachment| match server {
            Some(server) => attachment["server_id"].as_str().and_then(Id::parse) == Some(server),
            None => host.is_some() && attachment["host_name"].as_str() == host,
        })
    }

    /// Adds an attachment, and the metadata that Cinder shows with it.
    pub fn attach(&mut self, attachment: &Attachment, mode: Mode) {
        self.metadata.entry(READONLY).or_insert_with(|| python(false));
        self.metadata.insert(ATTACHED_MODE.to_owned(), json!(mode.as_str()));
        let all: Vec<Value> = self.attachments().iter().cloned().chain([json!(attachment)]).collect();
        self.extra.insert(KEY.to_owned(), Value::Array(all));
    }

    /// Takes out the attachments that are `gone`.
    pub fn detach(&mut self, gone: impl Fn(Option<Id>) -> bool) {
        self.metadata.remove(ATTACHED_MODE);
        if let Some(Value::Array(all)) = self.extra.get_mut(KEY) {
            all.retain(|attachment| !gone(attachment_id(attachment)));
        }
        if !self.is_attached() {
            self.extra.remove(KEY);
        }
    }

    /// Whether it may be attached for reading only.
    pub fn is_readonly(&self) -> bool {
        self.metadata.get(READONLY) == Some(&python(true))
    }

    /// Says whether it may be attached for reading only.
    pub fn set_readonly(&mut self, is_readonly: bool) {
        self.metadata.insert(READONLY.to_owned(), python(is_readonly));
    }
}

/// An attachment's own id; `None` where an import brought none.
pub fn attachment_id(attachment: &Value) -> Option<Id> {
    attachment["attachment_id"].as_str().and_then(Id::parse)
}

/// A boolean as Cinder has it in metadata.
fn python(value: bool) -> Value {
    json!(if value { "True" } else { "False" })
}

/// A host's name as Cinder keeps it: lower-case letters, digits, `-` and `.`; `None` if nothing is left of it.
/// Source: Cinder's `sanitize_hostname`.
pub fn host_name(text: &str) -> Option<String> {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '.');
    let name: String = text.chars().map(|c| if matches!(c, ' ' | '_') { '-' } else { c }).filter(kept).collect();
    let name = name.to_lowercase().trim_matches(['.', '-']).to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_called_as_the_standards_allow() {
        assert_eq!(host_name("My_Host 1.Example.").as_deref(), Some("my-host-1.example"));
        assert_eq!(host_name("a/b:c").as_deref(), Some("abc"));
        assert_eq!(host_name("._-"), None);
    }
}
