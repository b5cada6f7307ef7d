//! Force delete: an admin deletes a volume whatever its status is. What was pending on it is over then.

use crate::{
    domain::Id,
    service::{
        Asker, Error, Service,
        volumes::{
            delete::{self, Delete},
            show,
        },
    },
};

const POLICY: &str = "volume_extension:volume_admin_actions:force_delete";

pub(super) async fn force_delete(service: &Service, asker: &Asker, id: Id) -> Result<(), Error> {
    if !asker.caller.is_admin {
        show::read(service, asker, id).await?; // to strangers there is no such volume
        return Err(Error::Forbidden(POLICY));
    }
    delete::delete(service, asker, id, Delete { cascade: false, force: true }).await
}
