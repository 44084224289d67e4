/// Models from text for the tests of the audit.
module Optc.Compiler.Tests.AuditModels

open Optc.Compiler
open Optc.Parser

let load (text: string) : Model * Evaluator =
    let parsed = Parser.parseText "test.opt" text

    if parsed.HasErrors then
        failwith $"{parsed.Diagnostics.Head.Message}"

    let model = Model parsed.Tree
    let binder = Binder model

    if not (binder.Bind()) then
        failwith (model.Diagnostics |> Seq.map _.Message |> String.concat "; ")

    model, binder.Evaluator

let variable (model: Model) name =
    model.Variables |> Array.find (fun v -> v.Name = name)

let constraint' (model: Model) name =
    model.Constraints |> Array.find (fun c -> c.Name = name)

let set (model: Model) name (values: float list) =
    List.iteri (fun k value -> (variable model name).Value[k] <- value) values
    model.VariablesChanged()

let dual (model: Model) name (values: float list) =
    (constraint' model name).Dual <- Array.ofList values

let reducedCost (model: Model) name (values: float list) =
    (variable model name).ReducedCost <- Array.ofList values

let audit (model, evaluator) = Audit.run model evaluator Audit.defaultLimit 1
