namespace Optc.Compiler

open Optc.Runtime.Templates

/// One kernel to be made: results of a graph over slots and data of known layout. Two kinds of leaves stand behind the
/// slots and data of the template: see `Leaves`.
type KernelSpec =
    { Graph: Graph
      Results: int[]
      /// For each slot the step of an affine column, -1 for a table
      SlotSteps: int[]
      /// For each slot the first position of an affine column
      SlotBases: int[]
      /// For each datum the step, 0 or 1
      DatumSteps: int[]
      /// The step of the row column, -1 for a table
      RowStep: int }

/// Leaves of a graph that stand for more than slots and data of the template: as slots and data with numbers beyond those
/// of the template.
module Leaves =
    /// The direction's component of a slot
    let direction (g: Graph) (slotCount: int) slot = g.Slot(slotCount + slot)
    /// The weight of the instance's row
    let weight (g: Graph) (datumCount: int) = g.Datum datumCount
