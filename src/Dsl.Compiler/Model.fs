namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// A model in memory: its declared names, what was given and computed for them, and what was found wrong.
[<Sealed>]
type Model(tree: SyntaxTree) =
    let byName = Dictionary<string, Entity>()
    let order = ResizeArray<Entity>()
    let dependentsOf = Dictionary<string, struct (Entity * bool)[]>()

    /// What is computed from an entity, directly or not, and whether its index set is.
    let dependents (entity: Entity) =
        match dependentsOf.TryGetValue entity.Name with
        | true, known -> known
        | _ ->
            let affected = HashSet [ entity.Name ]
            let mutable grown = true

            while grown do
                grown <- false

                for other in order do
                    if not (affected.Contains other.Name) && other.Uses.Overlaps affected then
                        grown <- affected.Add other.Name

            let found =
                [| for other in order do
                       if other.Uses.Overlaps affected && not (obj.ReferenceEquals(other, entity)) then
                           struct (other, other.DomainUses.Overlaps affected) |]

            dependentsOf[entity.Name] <- found
            found

    let mutable stamp = 0L
    let mutable variablesStamp = 0L

    member _.Tree = tree
    /// In the order of declaration
    member _.Entities: IReadOnlyList<Entity> = order
    member val Diagnostics = ResizeArray<Diagnostic>() with get
    member val Options = Dictionary<string, string>() with get
    member val Random = RandomSource 1L with get
    /// The objective in use: its name and position, None for the first that is not dropped
    member val Objective: (ObjectiveEntity * int) option = None with get, set
    /// As after the last solve
    member val Status = "" with get, set

    member _.Add(entity: Entity) =
        byName[entity.Name] <- entity
        order.Add entity
        dependentsOf.Clear()

    /// null when there is none; allocates nothing
    member _.Find(name: string) : Entity | null =
        match byName.TryGetValue name with
        | true, entity -> entity
        | _ -> null

    member _.TryFind(name: string) : Entity option =
        match byName.TryGetValue name with
        | true, entity -> Some entity
        | _ -> None

    /// Runs an action while other entities stand for the names of theirs; among the entities they come last.
    member _.With(substitutes: Entity list, action: unit -> 'T) : 'T =
        let replaced = [ for e in substitutes -> byName[e.Name] ]

        for e in substitutes do
            byName[e.Name] <- e
            order.Add e

        dependentsOf.Clear()

        try
            action ()
        finally
            for e in replaced do
                byName[e.Name] <- e

            order.RemoveRange(order.Count - replaced.Length, replaced.Length)
            dependentsOf.Clear()

    member _.Names: string seq = byName.Keys
    member _.OfType<'T>() : 'T seq = Seq.cast<obj> order |> Seq.choose (function :? 'T as e -> Some e | _ -> None)
    member this.Variables = this.OfType<VarEntity>() |> Array.ofSeq
    member this.Constraints = this.OfType<ConstraintEntity>() |> Array.ofSeq
    member this.Objectives = this.OfType<ObjectiveEntity>() |> Array.ofSeq

    /// The leader's objective in use and the position in its family; None for a model without one.
    member this.CurrentObjective: (ObjectiveEntity * int) option =
        match this.Objective with
        | Some _ as chosen -> chosen
        | None ->
            this.Objectives
            |> Array.tryPick (fun o ->
                if o.Lower <> "" then
                    None
                else
                    Seq.init o.Domain.Count id
                    |> Seq.tryFind (fun k -> o.Dropped.Length = 0 || not o.Dropped[k])
                    |> Option.map (fun k -> o, k))

    /// Gives every variable its place in the variable vector; the number of variables.
    member this.LayoutVariables() : int =
        let mutable offset = 0

        for v in this.Variables do
            v.Offset <- offset
            offset <- offset + v.Domain.Count

        offset

    /// Changes with the current values of the variables.
    member _.VariablesStamp = variablesStamp

    /// To be called after writing to `VarEntity.Value`.
    member _.VariablesChanged() = variablesStamp <- variablesStamp + 1L

    /// Changes with the values of sets and parameters.
    member _.Stamp = stamp

    /// To be called after the given values of an entity changed: what is computed from it is forgotten.
    member _.Changed(entity: Entity) =
        stamp <- stamp + 1L
        entity.Stamp <- stamp
        variablesStamp <- variablesStamp + 1L

        for struct (dependent, domainToo) in dependents entity do
            dependent.Stamp <- stamp
            dependent.Invalidate domainToo
