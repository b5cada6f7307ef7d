//! Set bootable: Cinder's boot flag, which is no system disk of EVS's.

use super::refusal::refused;
use crate::{
    domain::{KnownStatus, Time, Volume},
    service::{Error, volumes::change::Change},
    store::Db,
};

pub(super) struct SetBootable(pub bool);

impl Change for SetBootable {
    async fn apply(&self, db: &mut Db, volume: Volume, _: Time) -> Result<Volume, Error> {
        if volume.status.is(KnownStatus::Maintenance) {
            return refused(db, &volume, "The volume cannot be updated during maintenance.").await;
        }
        Ok(Volume { bootable: self.0, ..volume })
    }
}
