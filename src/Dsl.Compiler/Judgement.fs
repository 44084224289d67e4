namespace Optc.Compiler

open System
open Optc.Runtime.Solution

/// What becomes of a solver's status when the audit has had its say.
module Judgement =
    /// What the audit may find above the acceptable tolerance before it contradicts a status; where there are kinks, whose multipliers it has to
    /// find by itself, above the tolerance too. Elsewhere `Solved` needs both evaluations, which round differently, at the tolerance itself.
    let private auditSlack = 10.0

    let private judged (slack: float) (status: SolveStatus) (text: string) (tolerance: float) (audit: AuditReport) : struct (SolveStatus * string) =
        // Stationarity that was not checked is NaN and says nothing, nor do products with multipliers that the solver does not know.
        let residuals = audit.Residuals

        let worst =
            if Double.IsNaN residuals.Stationarity && not audit.IsComplete then
                if Double.IsNaN residuals.Complementarity then
                    residuals.Feasibility
                else
                    max residuals.Feasibility residuals.Complementarity
            else
                residuals.Largest

        match status with
        | SolveStatus.Solved when not (worst <= slack * max tolerance 1e-8) ->
            if worst <= auditSlack * 1e-6 then
                struct (SolveStatus.SolvedToAcceptable, $"{text}; the audit finds residuals of {worst:g2} only")
            else
                struct (SolveStatus.NumericalFailure, $"the solver said Solved, but the audit finds residuals of {worst:g2}")
        | SolveStatus.SolvedToAcceptable when not (worst <= auditSlack * 1e-6) ->
            struct (SolveStatus.NumericalFailure, $"the solver said SolvedToAcceptable, but the audit finds residuals of {worst:g2}")
        | status -> struct (status, text)

    /// The status of a model without kinks.
    let ofSmooth status text tolerance audit = judged 1.0 status text tolerance audit

    /// The status of a model with kinks.
    let ofKinks status text tolerance audit = judged auditSlack status text tolerance audit
