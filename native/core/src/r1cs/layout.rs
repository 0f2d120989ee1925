//! The layout file: which tiles make a chunk and where their wires lie.

use crate::error::{CoreError, Result};
use serde::Deserialize;
use std::path::Path;

const VERSION: u32 = 1;

/// Twin: prover/tiling/layout.ts Layout.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutFile {
    version: u32,
    /// Wires of the chunk: wire 0 is 1, wires 1 ..= publicCount are the public inputs.
    pub wire_count: u32,
    pub public_count: u32,
    pub constraint_count: u32,
    pub tiles: Vec<LayoutTile>,
    /// Wires fixed to 0, each by one constraint wire · 1 = 0, after all tiles.
    pub zero_wires: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutTile {
    pub name: String,
    /// Relative to the layout file.
    pub r1cs: String,
    pub instances: Vec<LayoutInstance>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutInstance {
    /// Chunk wire of each wire of the tile's interface: wire 0, outputs, public inputs.
    pub interface: Vec<u32>,
    /// Chunk wire of the tile's first private wire; the others follow.
    pub internal_base: u32,
}

impl LayoutFile {
    /// Parses the text. `path` is for messages.
    pub fn parse(text: &[u8], path: &Path) -> Result<Self> {
        let layout: Self = serde_json::from_slice(text).map_err(|error| CoreError::damaged(path, error))?;
        if layout.version != VERSION {
            return Err(CoreError::damaged(path, format!("version {} is not {VERSION}", layout.version)));
        }
        if layout.public_count >= layout.wire_count {
            return Err(CoreError::damaged(path, "it has more public inputs than wires"));
        }
        Ok(layout)
    }
}
