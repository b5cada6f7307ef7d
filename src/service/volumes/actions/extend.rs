//! Extend: a volume becomes larger, within its project's quota.

use super::refusal::{refused, refused_with};
use crate::service::prelude::*;

/// `while_in_use`: whether the caller knows that a server may have the volume meanwhile.
pub(super) async fn extend(
    cx: &Context,
    tx: &mut Tx<'_>,
    volume: Volume,
    new_size: i64,
    while_in_use: bool,
) -> Result<Volume, Error> {
    if new_size <= volume.size {
        return Err(Error::Invalid(format!(
            "Invalid input received: New size for extend must be greater than current size. (current: {}, extended: \
             {new_size}). A volume never becomes smaller; give more GiB than it has.",
            volume.size
        )));
    }
    let is_in_use = volume.status.is(KnownStatus::InUse);
    if !(volume.status.is_available() || is_in_use && while_in_use) {
        let words = format!("Volume {} status must be 'available' to extend, currently {}.", volume.id, volume.status);
        if is_in_use {
            let advice =
                "Detach it first, or ask at microversion 3.42 or later of /v3, where it is extended while a server has it.";
            return refused_with(tx, &volume, &words, advice).await;
        }
        return refused(tx, &volume, &words).await;
    }
    let growth = if volume.consumes_quota { Usage::larger(new_size - volume.size) } else { Usage::NONE };
    quotas::charge(&cx.service, tx, &volume.project_id, growth, Some(new_size)).await?;
    Ok(Volume { size: new_size, ..volume })
}
