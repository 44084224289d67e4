namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// A slot of a shape: where its position in the extended point comes from, per instance.
type SlotSource =
    {
        /// As the model writes it
        Label: string
        /// A `SlotPlace`
        Position: Frame -> int
        /// Differentiated; a detached slot counts as data (the shift of logsumexp)
        IsActive: bool
    }

/// A datum of a shape.
type DatumSource =
    {
        Label: string
        Value: Frame -> float
        /// The same for all instances
        IsUniform: bool
        /// Written in place between solves: not to be merged with other data of the same value
        IsAdjusted: bool
    }

/// Something to do for each instance before slots and data are read: fills frame slots of inlined definitions and of
/// unrolled sums.
type InstanceStep = Frame -> unit

/// Raised while a shape is lowered when it depends on a fact of the instance that is not decided yet.
type NeedDecision(steps: InstanceStep[], decide: Frame -> int) =
    inherit Exception "decision needed"
    member _.Steps = steps
    member _.Decide = decide

/// One expression of a term, for all instances that agree on the decisions (which branch of an `if`, how many members
/// a short sum has).
type Shape =
    { Graph: Graph
      Root: int
      Slots: SlotSource[]
      Data: DatumSource[]
      /// After the last decision
      Steps: InstanceStep[]
      /// Frame slots that slots and data read
      FrameUse: int
      /// Where the model writes it
      Span: Span }

/// Collects a shape along one path of decisions.
[<Sealed>]
type ShapeBuilder(path: int list, firstFreeSlot: int) =
    let graph = Graph()
    let slots = ResizeArray<SlotSource>()
    let data = ResizeArray<DatumSource>()
    let steps = ResizeArray<InstanceStep>()
    let scopes = Dictionary<Scope, int>(HashIdentity.Reference)
    let known = Dictionary<struct (int * string * Expr), int>()
    let mutable path = path
    let mutable nextSlot = firstFreeSlot

    /// Frame slots below are for dummies and inlined definitions, those above for scratch.
    static member ScratchStart = 2 * Scope.FrameSize / 3

    member _.Graph = graph

    /// The scope with its scratch moved behind all slots that the shape may take.
    static member Deep(scope: Scope, span: Span) : Scope =
        if scope.Depth >= ShapeBuilder.ScratchStart then
            scope
        else
            scope.Reserve(ShapeBuilder.ScratchStart - scope.Depth, span)

    /// Takes frame slots for the instance steps to fill.
    member _.TakeFrameSlots(count: int, span: Span) : int =
        let first = nextSlot
        nextSlot <- nextSlot + count

        if nextSlot > ShapeBuilder.ScratchStart then
            Errors.fail "too-large" span "this expression nests too many definitions and unrolled sums; split it with defined variables"

        first

    member _.AddStep(step: InstanceStep) = steps.Add step

    /// A fact of the instance that the shape depends on.
    member _.Decide(decide: Frame -> int) : int =
        match path with
        | value :: rest ->
            path <- rest
            steps.Clear()
            value
        | [] -> raise (NeedDecision(steps.ToArray(), decide))

    /// The node for an expression in a scope, built once.
    member _.Once(kind: string, scope: Scope, e: Expr, build: unit -> int) : int =
        let scopeId =
            match scopes.TryGetValue scope with
            | true, id -> id
            | _ ->
                scopes[scope] <- scopes.Count
                scopes.Count - 1

        let key = struct (scopeId, kind, e)

        match known.TryGetValue key with
        | true, node -> node
        | _ ->
            let node = build ()
            known[key] <- node
            node

    member _.Slot(source: SlotSource) : int =
        slots.Add source
        graph.Slot(slots.Count - 1)

    member _.Datum(source: DatumSource) : int =
        data.Add source
        graph.Datum(data.Count - 1)

    member _.Finish(root: int, span: Span) : Shape =
        { Graph = graph
          Root = root
          Slots = slots.ToArray()
          Data = data.ToArray()
          Steps = steps.ToArray()
          FrameUse = nextSlot
          Span = span }
