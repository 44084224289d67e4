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

module Loops =
    /// Runs loops and calls back for each instance.
    let rec run (loops: Loop list) (frame: Frame) (action: unit -> unit) : unit =
        match loops with
        | [] -> action ()
        | ForEach plan :: rest -> plan.Enumerate(frame, (fun () -> run rest frame action))
        | Where holds :: rest -> if holds frame then run rest frame action
        | Bind fill :: rest ->
            fill frame
            run rest frame action

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

/// Terms with the same loops and the instances they got, by shape. Terms that look the same for all instances become one
/// sum, so that what they have in common is computed once; one that depends on decisions is a sum of its own.
[<Sealed>]
type TermTable(name: string, target: TemplateTarget, terms: Term[], lower: Term[] -> int list -> Shape, refreshable: bool) =
    let groups = ResizeArray<Group>()
    let mutable constant: (Frame -> float) option = None
    /// For each sum its terms and its decisions
    let mutable sums: struct (Term[] * DecisionTree)[] option = None

    // A sum of more is cut in two: second derivatives are taken for each pair of slots, and long kernels leave the caches.
    let mostSlots = 24
    let mostNodes = 240

    let group shape =
        let group = Group(shape, refreshable)
        groups.Add group
        group

    let grow (terms: Term[]) (path: int list) =
        try
            Leaf(group (lower terms (List.rev path)))
        with :? NeedDecision as need ->
            Branch(need.Steps, need.Decide, Dictionary())

    let join () =
        let made = ResizeArray()
        let together = ResizeArray<Term>()
        let mutable slots, nodes = 0, 0

        let finish () =
            if together.Count > 0 then
                let all = together.ToArray()
                made.Add(struct (all, grow all []))
                together.Clear()
                slots <- 0
                nodes <- 0

        for term in terms do
            let alone = [| term |]

            match (if terms.Length = 1 then None else Some(try ValueSome(lower alone []) with :? NeedDecision -> ValueNone)) with
            | Some(ValueSome shape) ->
                if slots + shape.Slots.Length > mostSlots || nodes + shape.Graph.Count > mostNodes then
                    finish ()

                together.Add term
                slots <- slots + shape.Slots.Length
                nodes <- nodes + shape.Graph.Count
            | _ -> made.Add(struct (alone, grow alone []))

        finish ()
        made.ToArray()

    let run (steps: InstanceStep[]) (frame: Frame) =
        for step in steps do
            step frame

    let rec place (terms: Term[]) (tree: DecisionTree) (path: int list) row frame =
        match tree with
        | Leaf group ->
            run group.Shape.Steps frame
            group.Add(row, frame)
        | Branch(steps, decide, children) ->
            run steps frame
            let decision = decide frame
            let path = decision :: path

            let child =
                match children.TryGetValue decision with
                | true, child -> child
                | _ ->
                    let child = grow terms path
                    children[decision] <- child
                    child

            place terms child path row frame

    member _.Name = name
    member _.Target = target
    member _.Groups = groups
    /// A term without variables: a number for each instance
    member _.IsConstant = constant.IsSome
    member _.SetConstant(value: Frame -> float) = constant <- Some value
    member _.Constant(frame: Frame) = constant.Value frame

    /// Adds the instance that the frame holds to a row.
    member _.Add(row: int, frame: Frame) =
        let all =
            match sums with
            | Some all -> all
            | None ->
                let all = join ()
                sums <- Some all
                all

        for struct (terms, tree) in all do
            place terms tree [] row frame

    /// Runs the term's loops and calls back for each instance.
    member _.Enumerate(frame: Frame, action: unit -> unit) =
        Loops.run terms[0].Loops frame action
