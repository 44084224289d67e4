namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// What rows share: the stages and epigraphs of a model, by the expressions that they stand for. They are made on first use, so that
/// only what is used is ever built.
[<Sealed>]
type SharedValues(evaluator: Evaluator, analysis: Analysis) =
    let byKey = Dictionary<struct (string * Expr * string), Shared>()
    let byName = Dictionary<string, Shared>()
    let worklist = ResizeArray<Shared>()
    let stageOwner = ResizeArray<Shared>()

    let enlist (shared: Shared) =
        byName[shared.Name] <- shared
        worklist.Add shared

    member _.StageCount = stageOwner.Count
    /// Names for messages: the owner of each stage value
    member _.StageOwner = stageOwner

    member _.NewStage(owner: Shared) : int =
        stageOwner.Add owner
        SlotPlace.checkCount stageOwner.Count
        stageOwner.Count - 1

    member _.TryNamed(name: string) : Shared voption =
        match byName.TryGetValue name with
        | true, shared -> ValueSome shared
        | _ -> ValueNone

    /// The dummies that an expression reads, as subscripts.
    member _.DummiesOf(scope: Scope, e: Expr) : Expr list =
        [ for name in analysis.FreeDummies(scope, e) -> { e with Kind = Reference(name, []) } ]

    /// A slot that reads a shared value; its subscripts are plain dummies.
    member _.Slot(scope: Scope, shared: Shared, subscripts: Expr list) : SlotSource =
        let sources =
            subscripts
            |> List.map (fun s -> evaluator.Member(ShapeBuilder.Deep(scope, s.Span), s))
            |> Array.ofList

        let key: Member[] = Array.zeroCreate sources.Length

        { Label = shared.Name
          Position =
            fun frame ->
                for k in 0 .. sources.Length - 1 do
                    key[k] <- sources[k] frame

                shared.Place(shared.Number(key, 0))
          IsActive = shared.IsActive }

    /// The shared value of an expression by the dummies it reads, made on first use.
    member _.For(kind: string, scope: Scope, e: Expr, newNumber: Shared -> int, create: Shared -> unit) : Shared =
        let free = analysis.FreeDummies(scope, e)

        // Dummies that run over other sets are other dummies for one-argument next, prev and ord.
        let signature =
            String.Join(
                ",",
                [ for name in free do
                      match (scope.TryFind name).Value.Set with
                      | Some(set, _) -> name + " in " + SourceText.ofExpression set
                      | None -> name ]
            )

        let key = struct (kind, e, signature)

        match byKey.TryGetValue key with
        | true, shared -> shared
        | _ ->
            let mutable own = Scope.Root.Reserve(free.Length, e.Span)
            free |> List.iteri (fun k name -> own <- own.Bind(name, k, (scope.TryFind name).Value.Set))

            let mutable made: Shared option = None
            let shared = Shared($"${kind}{byKey.Count + 1}", own, free.Length, fun () -> newNumber made.Value)
            made <- Some shared
            byKey[key] <- shared
            enlist shared
            create shared
            shared

    /// The stage of a defined variable, made on first use.
    member this.Defined(entity: DefinedVarEntity, create: Shared -> unit) : Shared =
        match byName.TryGetValue("$" + entity.Name) with
        | true, shared -> shared
        | _ ->
            let mutable made: Shared option = None
            let shared = Shared("$" + entity.Name, entity.Scope, entity.Arity, fun () -> this.NewStage made.Value)
            made <- Some shared
            enlist shared
            create shared
            shared

    /// Makes the instances of everything shared until nothing new is asked for.
    member _.Complete() =
        let frame = Scope.NewFrame()
        let mutable progress = true

        while progress do
            progress <- false
            let mutable w = 0

            while w < worklist.Count do
                let shared = worklist[w]

                while shared.Processed < shared.Keys.Count do
                    let position = shared.Processed
                    shared.Processed <- position + 1
                    progress <- true

                    if shared.Arity > 0 then
                        shared.Keys.CopyTo(position, frame, 0)

                    shared.Process frame position

                w <- w + 1
