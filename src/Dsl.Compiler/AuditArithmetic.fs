namespace Optc.Compiler

open System
open Optc.Parser

/// The operators of two operands but sums.
module AuditArithmetic =
    let binary (ops: AuditOperations) (number: AuditNumber) (scope: Scope) (op: BinaryOp) (x: Expr) (y: Expr) (e: Expr) : Frame -> Traced =
        let a = number scope x
        let b = number scope y
        let put = ops.Binary scope e x y

        let with' (rule: Frame -> Traced -> Traced -> Traced) : Frame -> Traced =
            fun frame ->
                let u = a frame
                let v = b frame
                rule frame u v

        match op with
        | Multiply -> with' (fun frame u v -> put frame u v (u.Value * v.Value) v.Value u.Value)
        | Divide ->
            with' (fun frame u v ->
                let value = u.Value / v.Value
                put frame u v value (1.0 / v.Value) (-value / v.Value))
        | IntegerDivide -> with' (fun frame u v -> put frame u v (Math.Truncate(u.Value / v.Value)) 0.0 0.0)
        | Modulo -> with' (fun frame u v -> put frame u v (u.Value % v.Value) 1.0 -(Math.Truncate(u.Value / v.Value)))
        | Power ->
            with' (fun frame u v ->
                let struct (value, slope, byExponent, curvature) = AuditFunctions.power u.Value v.Value

                if u.Node >= 0 && Double.IsFinite value && Double.IsFinite slope && not (Double.IsFinite curvature) then
                    ops.Failures.Note FailureKind.SecondDerivative scope e frame [ struct (x, u.Value); struct (y, v.Value) ] curvature

                put frame u v value slope byExponent)
        | _ ->
            // less: max(a - b, 0)
            with' (fun frame u v -> ops.Bent (put frame u v (u.Value - v.Value) 1.0 -1.0) 0.0 1.0)
