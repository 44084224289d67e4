namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// One follower: an instance of a `lower` declaration.
type Follower =
    {
        Entity: LowerEntity
        Position: int
        /// None for a follower that only has constraints
        Objective: (ObjectiveEntity * int) option
    }

    member this.Name = this.Entity.PlainName this.Position
    /// -1 for one who maximises
    member this.Sign =
        match this.Objective with
        | Some(objective, _) when objective.Sense = Maximize -> -1
        | _ -> 1

/// The followers of a model, and what is theirs. The variables are laid out before.
[<Sealed>]
type Followers(model: Model, evaluator: Evaluator) =
    let refuse span what remedy : 'a = Errors.failWithHint "lower" span what remedy
    let lowers = model.OfType<LowerEntity>() |> Array.ofSeq
    let first = Dictionary<string, int>()

    /// The follower of an instance of what is declared inside: the first subscripts are the lower problem's.
    let find (lower: LowerEntity) (inside: Entity) position =
        let frame = Scope.NewFrame()

        if inside.Arity > 0 then
            inside.Domain.CopyTo(position, frame, 0)

        if lower.Arity = 0 then 0 else lower.Domain.Find(frame, 0)

    let isDropped (o: ObjectiveEntity) k = o.Dropped.Length > 0 && o.Dropped[k]

    let objectives (lower: LowerEntity) : Dictionary<int, ObjectiveEntity * int> =
        let found = Dictionary()

        for o in model.Objectives do
            if o.Lower = lower.Name then
                for k in 0 .. o.Domain.Count - 1 do
                    if not (isDropped o k) then
                        let at = find lower o k

                        match found.TryGetValue at with
                        | true, (other: ObjectiveEntity, _) ->
                            refuse o.Span $"the follower {lower.PlainName at} has two objectives, {other.Name} and {o.Name}" "leave one of them"
                        | _ -> found[at] <- (o, k)

        found

    let all =
        [| for lower in lowers do
               first[lower.Name] <- (if first.Count = 0 then 0 else Seq.sum (first.Keys |> Seq.map (fun name -> (model.TryFind name).Value.Domain.Count)))
               let objectives = objectives lower

               for position in 0 .. lower.Domain.Count - 1 do
                   { Entity = lower
                     Position = position
                     Objective =
                       (match objectives.TryGetValue position with
                        | true, objective -> Some objective
                        | _ -> None) } |]

    let owners = lazy (
        let owner = Array.create (model.Variables |> Array.sumBy (fun v -> v.Domain.Count)) -1
        let frame = Scope.NewFrame()

        let claim (v: VarEntity) k number =
            let place = v.Offset + k

            if owner[place] >= 0 && owner[place] <> number then
                refuse v.Span $"variable {v.PlainName k} is chosen by two followers, {all[owner[place]].Name} and {all[number].Name}"
                    "followers are independent: each variable stands behind `over` once"

            owner[place] <- number

        for lower in lowers do
            for indexing, e in lower.Over do
                let v, each =
                    NamedVariables.compile model evaluator "lower" "a follower chooses variables" "name variables behind `over`" lower.Scope indexing e

                for position in 0 .. lower.Domain.Count - 1 do
                    if lower.Arity > 0 then
                        lower.Domain.CopyTo(position, frame, 0)

                    each frame (fun k -> claim v k (first[lower.Name] + position))

        owner)

    member _.All = all
    /// For each declared variable the number of the follower who chooses it, -1 for the leader
    member _.OwnerOf: int[] = owners.Value

    /// The number of the follower to whom an instance of a constraint belongs, -1 for the leader
    member _.OfConstraint(c: ConstraintEntity, position: int) : int =
        if c.Lower = "" then
            -1
        else
            match model.TryFind c.Lower with
            | Some(:? LowerEntity as lower) -> first[lower.Name] + find lower c position
            | _ -> -1
