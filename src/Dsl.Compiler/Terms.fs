namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// How the instances of a term are met, outermost first.
type Loop =
    | ForEach of IndexingPlan
    | Where of (Frame -> bool)
    /// Fills frame slots: the dummies of a definition put in place
    | Bind of (Frame -> unit)

/// A data factor of a term.
type Factor =
    { Scope: Scope
      Value: Expr
      IsDivisor: bool }

/// One summand of a row: for each instance of the loops, sign · factors · body is added.
type Term =
    {
        Loops: Loop list
        Scope: Scope
        Sign: float
        Factors: Factor list
        /// Cheap factors that hold variables: `x[i] * sum {j} …`
        Weights: (Scope * Expr) list
        Body: Expr
        /// What follows the body is put on top of it: a stage's previous value in a chain
        Combine: (ShapeBuilder -> int -> int) option
        /// +1 where the row wants the term small, -1 where large, 0 where neither: the direction in which a kink may
        /// be replaced by its epigraph
        Direction: int
    }

/// The instances of one shape. A refreshable group keeps the frames of its instances, so that its data can be evaluated
/// again when parameters change.
[<Sealed>]
type Group(shape: Shape, refreshable: bool) =
    let keepsFrames = refreshable && shape.Data.Length > 0
    member _.Shape = shape
    member val Rows = IndexColumnBuilder() with get
    member val Slots = Array.init shape.Slots.Length (fun _ -> IndexColumnBuilder()) with get

    member val Data =
        Array.init shape.Data.Length (fun k -> DataColumnBuilder(refreshable && not shape.Data[k].IsUniform)) with get

    member _.IsRefreshable = refreshable
    /// Frame slots of each instance one after the other; empty unless refreshable
    member val Frames = ResizeArray<Member>() with get

    member this.Add(row: int, frame: Frame) =
        this.Rows.Add row

        if keepsFrames then
            for k in 0 .. shape.FrameUse - 1 do
                this.Frames.Add frame[k]

        for k in 0 .. shape.Slots.Length - 1 do
            this.Slots[k].Add(shape.Slots[k].Position frame)

        for k in 0 .. shape.Data.Length - 1 do
            if not shape.Data[k].IsUniform || this.Data[k].Count = 0 then
                this.Data[k].Add(shape.Data[k].Value frame)

/// Decisions of the instances of a term, met so far.
type DecisionTree =
    | Leaf of Group
    | Branch of InstanceStep[] * (Frame -> int) * Dictionary<int, DecisionTree>

/// A term with the instances it got, by shape.
[<Sealed>]
type TermTable(name: string, target: TemplateTarget, term: Term, lower: Term -> int list -> Shape, refreshable: bool) =
    let groups = ResizeArray<Group>()
    let mutable constant: (Frame -> float) option = None
    let mutable root: DecisionTree option = None

    let grow (path: int list) =
        try
            let group = Group(lower term (List.rev path), refreshable)
            groups.Add group
            Leaf group
        with :? NeedDecision as need ->
            Branch(need.Steps, need.Decide, Dictionary())

    let run (steps: InstanceStep[]) (frame: Frame) =
        for step in steps do
            step frame

    member _.Name = name
    member _.Target = target
    member _.Term = term
    member _.Groups = groups
    /// A term without variables: a number for each instance
    member _.IsConstant = constant.IsSome
    member _.SetConstant(value: Frame -> float) = constant <- Some value
    member _.Constant(frame: Frame) = constant.Value frame

    /// Adds the instance that the frame holds to a row.
    member _.Add(row: int, frame: Frame) =
        let mutable tree =
            match root with
            | Some tree -> tree
            | None ->
                let tree = grow []
                root <- Some tree
                tree

        let mutable path = []
        let mutable placed = false

        while not placed do
            match tree with
            | Leaf group ->
                run group.Shape.Steps frame
                group.Add(row, frame)
                placed <- true
            | Branch(steps, decide, children) ->
                run steps frame
                let decision = decide frame
                path <- decision :: path

                tree <-
                    match children.TryGetValue decision with
                    | true, child -> child
                    | _ ->
                        let child = grow path
                        children[decision] <- child
                        child

    /// Runs the term's loops and calls back for each instance.
    member _.Enumerate(frame: Frame, action: unit -> unit) =
        let rec run loops =
            match loops with
            | [] -> action ()
            | ForEach plan :: rest -> plan.Enumerate(frame, (fun () -> run rest))
            | Where holds :: rest -> if holds frame then run rest
            | Bind fill :: rest ->
                fill frame
                run rest

        run term.Loops
