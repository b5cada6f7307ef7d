//! Set readonly: whether a volume may be attached for reading only.

use super::refusal::refused;
use crate::{
    domain::{Time, Volume},
    service::{Error, volumes::change::Change},
    store::Db,
};

pub(super) struct SetReadonly(pub bool);

impl Change for SetReadonly {
    async fn apply(&self, db: &mut Db, mut volume: Volume, _: Time) -> Result<Volume, Error> {
        if !volume.status.is_available() {
            let Volume { id, status, .. } = &volume;
            let words =
                format!("Volume {id} status must be available to update readonly flag, but current status is: {status}.");
            return refused(db, &volume, &words).await;
        }
        volume.set_readonly(self.0);
        Ok(volume)
    }
}
