//! What tells the layers of one model apart: windows and rotations.

use motjuste::Result;

use super::family::{Family, Windows};
use super::file::File;
use super::rope::has_local;
use super::{LayerConfig, malformed, unsupported};

/// The layers, from the first to the last.
pub(super) fn layers(file: &File, family: &Family) -> Result<Vec<LayerConfig>> {
    let types = file.layer_types.as_ref();
    if types.is_some_and(|types| types.len() != file.num_hidden_layers) {
        return Err(malformed(format!(
            "layer_types does not list {} layers",
            file.num_hidden_layers
        )));
    }
    (0..file.num_hidden_layers).map(|index| layer(file, family, index)).collect()
}

fn layer(file: &File, family: &Family, index: usize) -> Result<LayerConfig> {
    let window = file.sliding_window.filter(|_| file.use_sliding_window != Some(false));
    let window = if slides(file, family.windows, index)? { window } else { None };
    if window == Some(0) {
        return Err(malformed("a sliding_window of 0 sees nothing"));
    }
    let local = window.is_some() && has_local(file);
    let rope = rotates(file, index).then_some(usize::from(local));
    Ok(LayerConfig { window, rope })
}

fn slides(file: &File, windows: Windows, index: usize) -> Result<bool> {
    if windows == Windows::None || windows == Windows::All {
        return Ok(windows == Windows::All);
    }
    if let Some(types) = &file.layer_types {
        return match &types[index][..] {
            "sliding_attention" => Ok(true),
            "full_attention" => Ok(false),
            other => Err(unsupported(&format!("layer type `{other}`"))),
        };
    }
    Ok(match windows {
        Windows::Upper => index >= file.max_window_layers.unwrap_or(0),
        Windows::Unrotated => !rotates(file, index),
        _ => !is_nth(index, file.sliding_window_pattern),
    })
}

/// SmolLM3 leaves every fourth layer without rotation (arXiv 2501.18795).
fn rotates(file: &File, index: usize) -> bool {
    match &file.no_rope_layers {
        Some(list) => list.get(index).is_none_or(|&rotates| rotates != 0),
        None => !is_nth(index, file.no_rope_layer_interval),
    }
}

fn is_nth(index: usize, n: Option<usize>) -> bool {
    n.is_some_and(|n| n > 0 && (index + 1).is_multiple_of(n))
}
