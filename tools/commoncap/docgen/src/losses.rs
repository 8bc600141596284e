// SPDX-License-Identifier: GPL-2.0

//! The table of the steps that take capabilities, from [`Loss`].

use crate::source::Sources;
use commoncap::Loss;

pub(crate) fn table() -> Result<String, String> {
    let sources = Sources::read()?;
    let mut text = String::from(
        ".. list-table::\n   :header-rows: 1\n   :widths: 18 36 46\n\n   \
         * - loss\n     - step\n     - reason and remedy\n",
    );
    for &loss in Loss::ALL {
        let step = sources.comment_of_loss(loss)?;
        text += &format!(
            "   * - ``{}``\n     - {step}\n     - {}\n",
            loss.name(),
            loss.reason()
        );
    }
    Ok(text)
}
