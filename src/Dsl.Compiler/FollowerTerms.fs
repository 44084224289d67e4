namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// Which terms, variables and rows of a model belong to its followers.
module FollowerTerms =
    /// The tables of the followers' objectives and what their terms without variables sum to.
    let addObjectives (lowering: Lowering) (followers: Followers option) : HashSet<TermTable> * float[] =
        let tables = HashSet<TermTable>(HashIdentity.Reference)
        let frame = Scope.NewFrame()
        let known = Dictionary<string, TermTable[]>()

        let constants =
            match followers with
            | None -> [||]
            | Some followers ->
                followers.All
                |> Array.mapi (fun number follower ->
                    match follower.Objective, follower.Objective |> Option.bind (fun (o, _) -> o.Body) with
                    | Some(o, position), Some body ->
                        let terms =
                            match known.TryGetValue o.Name with
                            | true, terms -> terms
                            | _ ->
                                let terms = lowering.NewTables($"objective {o.Name}", TemplateTarget.Constraint, o.Scope, follower.Sign, body)
                                tables.UnionWith terms
                                known[o.Name] <- terms
                                terms

                        if o.Arity > 0 then
                            o.Domain.CopyTo(position, frame, 0)

                        let struct (constant, _) = lowering.Rows.Fill(number, terms, frame)
                        constant
                    | _ -> 0.0)

        tables, constants

    /// For each variable and auxiliary and for each row its follower, -1 for the leader. An auxiliary of an epigraph is chosen
    /// by the follower in whose problem it stands, and its rows go with it.
    let ownership
        (followers: Followers)
        (lowering: Lowering)
        (declared: int)
        (templates: Template[])
        (values: Template[])
        (schedule: StageRun[])
        (owners: (ConstraintEntity | null)[])
        (positions: int[])
        : int[] * int[] =
        let auxiliaries = lowering.Rows.AuxiliaryStart.Count
        let total = declared + auxiliaries
        let ownerOf = Array.append followers.OwnerOf (Array.create auxiliaries -1)

        let rowFollower =
            Array.init owners.Length (fun row ->
                match owners[row] with
                | null -> -1
                | c -> followers.OfConstraint(c, positions[row]))

        if auxiliaries > 0 then
            // The auxiliaries that stage values hold.
            let inStage: HashSet<int>[] = Array.init lowering.Shared.StageCount (fun _ -> HashSet<int>())
            let held (t: Template) i =
                seq {
                    for column in t.Slots do
                        let place = column[i]
                        if place >= total then yield! inStage[place - total]
                        elif place >= declared then place
                }

            for run in schedule do
                let t = templates[run.Template]
                for i in run.Start .. run.End - 1 do
                    inStage[t.Row[i]].UnionWith(held t i |> Seq.toArray)

            let mutable isNew = true

            let claim place follower =
                if ownerOf[place] = -1 then
                    ownerOf[place] <- follower
                    isNew <- true
                elif ownerOf[place] <> follower then
                    Errors.failWithHint
                        "unsupported"
                        followers.All[follower].Entity.Span
                        $"followers {followers.All[ownerOf[place]].Name} and {followers.All[follower].Name} hold the same term with a kink"
                        "state max, min or abs of each follower by variables and constraints of its own"

            while isNew do
                isNew <- false

                for t in values do
                    for i in 0 .. t.InstanceCount - 1 do
                        for place in held t i do
                            claim place t.Row[i]

                for t in templates do
                    if t.Target = TemplateTarget.Constraint then
                        for i in 0 .. t.InstanceCount - 1 do
                            if rowFollower[t.Row[i]] >= 0 then
                                for place in held t i do
                                    claim place rowFollower[t.Row[i]]

                for pair in lowering.Rows.AuxiliaryRows do
                    rowFollower[pair.Key] <- ownerOf[declared + pair.Value]

        // A follower's constraint that holds none of its variables restricts the leader.
        let holds = Array.create owners.Length false
        let stageHolds = Array.create lowering.Shared.StageCount false
        let isChosen place = if place >= total then stageHolds[place - total] else ownerOf[place] >= 0

        for run in schedule do
            let t = templates[run.Template]
            for i in run.Start .. run.End - 1 do
                for column in t.Slots do
                    if isChosen column[i] then stageHolds[t.Row[i]] <- true

        for t in templates do
            if t.Target = TemplateTarget.Constraint then
                for i in 0 .. t.InstanceCount - 1 do
                    for column in t.Slots do
                        if isChosen column[i] then holds[t.Row[i]] <- true

        ownerOf, rowFollower |> Array.mapi (fun row follower -> if holds[row] then follower else -1)
