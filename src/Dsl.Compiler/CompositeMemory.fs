namespace Optc.Compiler

open Optc.Runtime.Solvers.CoordinateDescent

/// What a build leaves for the next, when the parts that gave rows gave no norms: what these refuse depends on which variables are fixed.
type internal KeptRows =
    {
        Origin: ObjectiveEntity * Member[]
        /// Where each family of variables began
        Layout: int[]
        /// The parts of the objective that gave rows, by their places
        RowParts: Set<int>
        /// What these parts read, and the model's stamp when they did
        Reads: Entity[]
        Stamp: int64
        /// What these parts gave besides
        Fixed: SeparablePenalty
        FixedConstant: float
        Kept: CompositeProblem
        RowsText: string list
    }

/// When nothing has changed that the loss reads, as along a path, its matrix stays, with what a solver knows of it, and only the rest
/// of the objective is run again.
[<Sealed>]
type CompositeMemory() =
    member val internal Rows: KeptRows voption = ValueNone with get, set
    /// The solver of the problem, and the options it was made with
    member val internal Solver: (CompositeSolver * CompositeOptions) voption = ValueNone with get, set

    member internal this.Forget() =
        this.Rows <- ValueNone
        this.Solver <- ValueNone
