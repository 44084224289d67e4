namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// A family of decision variables. Arrays are indexed by the position in the domain.
[<Sealed>]
type VarEntity(name, span, indexing, attributes: (VarAttribute * Span) list) =
    inherit Entity(name, span, indexing)
    let mutable bounds: struct (float[] * float[]) voption = ValueNone
    let mutable start: float[] voption = ValueNone
    let mutable value: float[] voption = ValueNone
    override _.Kind = "variable"
    member _.Attributes = attributes
    /// Position of the first instance in the model's variable vector
    member val Offset = 0 with get, set
    member val IsInteger = false with get, set
    member val IsBinary = false with get, set
    /// Evaluate the declared bounds; set by the evaluator.
    member val ComputeBounds: unit -> struct (float[] * float[]) = (fun () -> struct ([||], [||])) with get, set
    /// Evaluates the declared start (0 without one); set by the evaluator.
    member val ComputeStart: unit -> float[] = (fun () -> [||]) with get, set
    /// Start values given in data mode
    member val Pending: PendingValues = null with get, set
    member val DataDefault: Member voption = ValueNone with get, set
    /// Empty when no instance is fixed
    member val IsFixed: bool[] = [||] with get, set
    /// Reduced costs: the multipliers z of the bounds, ≥ 0 at an active lower bound; empty before a solve
    member val ReducedCost: float[] = [||] with get, set

    member private this.Bounds =
        match bounds with
        | ValueSome known -> known
        | ValueNone ->
            let fresh = this.ComputeBounds()
            bounds <- ValueSome fresh
            fresh

    /// −∞ where there is no lower bound
    member this.Lower: float[] =
        let struct (lower, _) = this.Bounds
        lower

    /// +∞ where there is no upper bound
    member this.Upper: float[] =
        let struct (_, upper) = this.Bounds
        upper

    /// The declared starting point, not moved into the bounds
    member this.Start: float[] =
        match start with
        | ValueSome known -> known
        | ValueNone ->
            let fresh = this.ComputeStart()
            start <- ValueSome fresh
            fresh

    /// The current values: the start at first, then what `let`, `fix` and solves leave here. Who writes here tells the
    /// model (`Model.VariablesChanged`).
    member this.Value: float[] =
        match value with
        | ValueSome known -> known
        | ValueNone ->
            let fresh = Array.copy this.Start
            value <- ValueSome fresh
            fresh

    override this.Invalidate domainToo =
        base.Invalidate domainToo
        bounds <- ValueNone
        start <- ValueNone

        if domainToo then
            value <- ValueNone
            this.IsFixed <- [||]
            this.ReducedCost <- [||]

/// `var y {I} = e`: an expression with a name.
[<Sealed>]
type DefinedVarEntity(name, span, indexing, body: Expr) =
    inherit Entity(name, span, indexing)
    let mutable values: float[] = [||]
    let mutable states: byte[] = [||]
    let mutable stamp = -1L
    override _.Kind = "defined variable"
    /// In the entity's scope
    member _.Body = body
    /// The value of the body at a position for the current values of the variables; set by the evaluator.
    member val Compute: int -> float = (fun _ -> nan) with get, set
    /// The stamp of the variables' current values; set by the evaluator.
    member val VariablesStamp: unit -> int64 = (fun () -> 0L) with get, set

    /// The current value at a position, computed once for each state of the variables.
    member this.Number(position: int) : float =
        if stamp <> this.VariablesStamp() then
            if values.Length <> this.Domain.Count then
                values <- Array.zeroCreate this.Domain.Count
                states <- Array.zeroCreate this.Domain.Count
            else
                Array.Clear states

            stamp <- this.VariablesStamp()

        let states = states

        if states[position] = State.Computed then
            values[position]
        elif states[position] = State.InProgress then
            this.Cycle position
            nan
        else
            states[position] <- State.InProgress

            try
                let value = this.Compute position
                values[position] <- value
                states[position] <- State.Computed
                value
            finally
                if states[position] = State.InProgress then
                    states[position] <- State.Unknown

    override this.Invalidate domainToo =
        base.Invalidate domainToo
        stamp <- -1L

[<Sealed>]
type ObjectiveEntity(name, span, indexing, sense: ObjectiveSense, body: Expr option) =
    inherit Entity(name, span, indexing)
    override _.Kind = "objective"
    member _.Sense = sense
    /// In the entity's scope; without one the objective is the constant 0
    member _.Body = body
    /// The lower problem it belongs to, "" for the leader's
    member val Lower = "" with get, set
    /// Empty when nothing is dropped
    member val Dropped: bool[] = [||] with get, set
    /// The values at a position for the current values of the variables; set by the evaluator.
    member val Compute: int -> float = (fun _ -> 0.0) with get, set

[<Sealed>]
type ConstraintEntity(name, span, indexing, body: ConstraintBody) =
    inherit Entity(name, span, indexing)
    override _.Kind = "constraint"
    /// In the entity's scope
    member _.Body = body
    member val Lower = "" with get, set
    /// Empty when nothing is dropped
    member val Dropped: bool[] = [||] with get, set
    /// Multipliers y after a solve, else empty
    member val Dual: float[] = [||] with get, set
    /// Of a complementarity condition, whose `Dual` is the left side's: multipliers of the right side, else empty
    member val RightDual: float[] = [||] with get, set
    /// lower ≤ body ≤ upper at a position for the current values of the variables; constants of the sides are in the
    /// bounds when these hold no variables. Set by the evaluator.
    member val Compute: int -> struct (float * float * float) = (fun _ -> struct (-infinity, nan, infinity)) with get, set

    override this.Invalidate domainToo =
        base.Invalidate domainToo

        if domainToo then
            this.Dropped <- [||]
            this.Dual <- [||]
            this.RightDual <- [||]

/// `lower f {k in K} over y[k]: … end`: a follower's problem. Its objectives and constraints are entities of the model
/// whose indexing begins with that of the lower problem.
[<Sealed>]
type LowerEntity(name, span, indexing, over: (Indexing option * Expr) list, members: string list) =
    inherit Entity(name, span, indexing)
    override _.Kind = "lower problem"
    /// The follower's variables, in the entity's scope
    member _.Over = over
    /// The names declared inside
    member _.Members = members

[<Sealed>]
type BlockEntity(name, span, indexing, members: (Indexing option * Expr) list) =
    inherit Entity(name, span, indexing)
    override _.Kind = "block"
    /// The block's variables, in the entity's scope
    member _.Members = members

/// `table`: where a read or a write finds its columns.
[<Sealed>]
type TableEntity(span, declaration: TableDeclaration) =
    inherit Entity(declaration.Name, span, None)
    override _.Kind = "table"
    member _.Declaration = declaration
