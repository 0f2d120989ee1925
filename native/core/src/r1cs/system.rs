//! A chunk: tiles with their instances, every index checked once, here.

use super::layout::{LayoutFile, LayoutTile};
use super::reader::TileCircuit;
use crate::error::{CoreError, Result};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Largest domain: 2^26 rows, four times what one proof of 1,000 transfers needs. Memory grows with it.
const MAX_DOMAIN_LOG2: u32 = 26;

/// Where one copy of a tile lies among the wires of the chunk.
pub struct Instance {
    pub interface: Vec<u32>,
    pub internal_base: u32,
}

impl Instance {
    /// The chunk's wire for a wire of the tile.
    #[inline(always)]
    pub fn wire(&self, tile_wire: u32) -> u32 {
        match self.interface.get(tile_wire as usize) {
            Some(wire) => *wire,
            None => self.internal_base + (tile_wire - self.interface.len() as u32),
        }
    }
}

pub struct Tile {
    pub name: String,
    pub circuit: TileCircuit,
    pub instances: Vec<Instance>,
    /// Row of the first constraint of the first instance.
    pub first_row: usize,
}

/// The whole constraint system. Rows: the instances of each tile in order, then one row per zero wire.
/// The QAP has `publics + 1` rows more, "A = wire s", as snarkjs appends them.
pub struct System {
    pub wires: usize,
    pub publics: usize,
    pub constraints: usize,
    pub tiles: Vec<Tile>,
    pub zero_wires: Vec<u32>,
    /// SHA-256 over the layout file and all .r1cs files: keys name it.
    pub digest: [u8; 32],
}

impl System {
    /// Loads a layout and its tiles. ARTIFACT_MISSING or ARTIFACT_DAMAGED names the file.
    pub fn load(layout_path: &Path) -> Result<Self> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| CoreError::io(path, error));
        let text = read(layout_path)?;
        let layout = LayoutFile::parse(&text, layout_path)?;
        let mut hasher = Sha256::new();
        hasher.update(Sha256::digest(&text));
        let directory = layout_path.parent().unwrap_or(Path::new("."));
        let wires = layout.wire_count as usize;
        let mut tiles = Vec::with_capacity(layout.tiles.len());
        let mut rows = 0;
        for tile in layout.tiles {
            let path = directory.join(&tile.r1cs);
            let bytes = read(&path)?;
            hasher.update(Sha256::digest(&bytes));
            let circuit = TileCircuit::read(&bytes, &path)?;
            let count = circuit.constraints * tile.instances.len();
            tiles.push(place(tile, circuit, rows, wires, layout_path)?);
            rows += count;
        }
        check_private_wires(&tiles, layout.public_count as usize + 1)
            .map_err(|why| CoreError::damaged(layout_path, why))?;
        rows += layout.zero_wires.len();
        if rows == 0 || rows != layout.constraint_count as usize {
            let why = format!("it names {} constraints, its tiles have {rows}", layout.constraint_count);
            return Err(CoreError::damaged(layout_path, why));
        }
        if layout.zero_wires.iter().any(|wire| *wire as usize >= wires) {
            return Err(CoreError::damaged(layout_path, "a zero wire does not exist"));
        }
        if (rows + layout.public_count as usize).ilog2() >= MAX_DOMAIN_LOG2 || wires > 1 << MAX_DOMAIN_LOG2 {
            return Err(CoreError::damaged(layout_path, format!("its domain is larger than 2^{MAX_DOMAIN_LOG2}")));
        }
        Ok(Self {
            wires,
            publics: layout.public_count as usize,
            constraints: rows,
            tiles,
            zero_wires: layout.zero_wires,
            digest: hasher.finalize().into(),
        })
    }

    /// Logarithm of the domain's size: the smallest power of two that holds constraints + publics + 1 rows.
    pub fn domain_log2(&self) -> u32 {
        (self.constraints + self.publics).ilog2() + 1
    }

    pub fn domain(&self) -> usize {
        1 << self.domain_log2()
    }

    /// First row of the zero wires.
    pub fn zero_row(&self) -> usize {
        self.constraints - self.zero_wires.len()
    }
}

/// No two instances share a private wire, and none has a public one: `first` is the first wire behind those.
/// Twin: prover/tiling/layout.ts findLayoutFault.
fn check_private_wires(tiles: &[Tile], first: usize) -> std::result::Result<(), String> {
    let mut ranges: Vec<(usize, usize)> = tiles
        .iter()
        .flat_map(|Tile { circuit, instances, .. }| {
            let count = circuit.wires - circuit.interface;
            instances.iter().map(move |Instance { internal_base, .. }| (*internal_base as usize, count))
        })
        .collect();
    ranges.sort_unstable();
    let mut used = first;
    for (from, count) in ranges {
        if from < used {
            return Err(format!("private wires {from} to {} overlap others", from + count));
        }
        used = from + count;
    }
    Ok(())
}

fn place(tile: LayoutTile, circuit: TileCircuit, first_row: usize, wires: usize, path: &Path) -> Result<Tile> {
    let private = circuit.wires - circuit.interface;
    for (index, instance) in tile.instances.iter().enumerate() {
        let fits = instance.interface.len() == circuit.interface
            && instance.interface[0] == 0
            && instance.interface.iter().all(|wire| (*wire as usize) < wires)
            && instance.internal_base as usize + private <= wires;
        if !fits {
            let why = format!("instance {index} of tile {} does not fit its circuit", tile.name);
            return Err(CoreError::damaged(path, why));
        }
    }
    let instances = tile
        .instances
        .into_iter()
        .map(|instance| Instance { interface: instance.interface, internal_base: instance.internal_base })
        .collect();
    Ok(Tile { name: tile.name, circuit, instances, first_row })
}
