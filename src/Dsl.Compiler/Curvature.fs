namespace Optc.Compiler

open System

/// What is known of an expression as a function of the variables, over the box of their bounds.
[<Struct>]
type Facts =
    {
        Curvature: Curvature
        /// Encloses the values wherever the expression is defined, up to rounding
        Range: Interval
        /// A sum of squares of functions whose root is convex: affine ones, or convex ones that are not negative
        IsSumOfSquares: bool
        /// Positive with a convex logarithm, or 0: what sums of exponentials are
        IsLogConvex: bool
    }

/// Disciplined convex analysis (Grant, Boyd, Ye, Disciplined Convex Programming, 2006): curvature from the leaves up by
/// the composition rule on the `Shape` and `Range` of the operator table, with a few patterns the rule cannot see.
/// Every function is read as extended by its domain: what is convex has a convex domain too.
module CurvatureAnalysis =
    let everywhere: Interval = struct (-infinity, infinity)

    let private isConvexLike c =
        match c with
        | Constant
        | Affine
        | Convex -> true
        | _ -> false

    let private isConcaveLike c =
        match c with
        | Constant
        | Affine
        | Concave -> true
        | _ -> false

    let isConvex (f: Facts) = isConvexLike f.Curvature
    let isConcave (f: Facts) = isConcaveLike f.Curvature
    let isAffine (f: Facts) = f.Curvature = Constant || f.Curvature = Affine

    /// Curvature of a sum of two functions, and of something that is one or the other.
    let join (a: Curvature) (b: Curvature) : Curvature =
        if a = Constant then b
        elif b = Constant then a
        elif isConvexLike a && isConvexLike b then
            (if isConcaveLike a && isConcaveLike b then Affine else Convex)
        elif isConcaveLike a && isConcaveLike b then Concave
        else Unknown

    let private negated c =
        match c with
        | Convex -> Concave
        | Concave -> Convex
        | c -> c

    let private atLeast (bound: float) (f: Facts) = let struct (lo, _) = f.Range in lo >= bound
    let private isPositive (f: Facts) = let struct (lo, _) = f.Range in lo > 0.0
    let private isNonnegative (f: Facts) = atLeast 0.0 f
    let private isNonpositive (f: Facts) = let struct (_, hi) = f.Range in hi <= 0.0

    /// Facts of a curvature and a range alone.
    let plain (curvature: Curvature) (struct (lo, hi): Interval) : Facts =
        let range: Interval = if lo <= hi then struct (lo, hi) else everywhere
        let struct (lo, _) = range

        { Curvature = curvature
          Range = range
          IsSumOfSquares = (curvature = Constant && lo >= 0.0)
          IsLogConvex = (curvature = Constant && lo >= 0.0) }

    let unknown = plain Unknown everywhere

    /// What holds of a value that is one of two.
    let either (a: Facts) (b: Facts) : Facts =
        let struct (a0, a1) = a.Range
        let struct (b0, b1) = b.Range

        { Curvature = join a.Curvature b.Curvature
          Range = struct (min a0 b0, max a1 b1)
          IsSumOfSquares = a.IsSumOfSquares && b.IsSumOfSquares
          IsLogConvex = a.IsLogConvex && b.IsLogConvex }

    /// What holds of a sum.
    let sum (a: Facts) (b: Facts) : Facts =
        { either a b with
            Range = (Operators.get Op.Add).Range [| a.Range; b.Range |] }

    /// h(f₁, …): convex when h is convex and each argument is affine, or convex where h increases, or concave where h
    /// decreases; concave likewise.
    let private compose (shape: Curvature) (monotone: Monotonicity[]) (args: Facts[]) : Curvature =
        let fits wanted opposite =
            Array.forall2
                (fun (f: Facts) m ->
                    match f.Curvature with
                    | Constant
                    | Affine -> true
                    | c when c = wanted -> m = Increasing
                    | c when c = opposite -> m = Decreasing
                    | _ -> false)
                args
                monotone

        let convex = isConvexLike shape && fits Convex Concave
        let concave = isConcaveLike shape && fits Concave Convex

        if convex && concave then Affine
        elif convex then Convex
        elif concave then Concave
        else Unknown

    /// c·f for a constant c.
    let private scaled (c: Facts) (f: Facts) : Curvature =
        if isNonnegative c then f.Curvature
        elif isNonpositive c then negated f.Curvature
        elif isAffine f then Affine
        else Unknown

    /// A node without its constant factors, and their sign: 1 positive, -1 negative, 0 not known or perhaps zero.
    let rec private withoutFactors (g: Graph) (facts: Facts[]) (id: int) : struct (int * int) =
        let sign (f: Facts) =
            let struct (lo, hi) = f.Range
            if lo > 0.0 then 1 elif hi < 0.0 then -1 else 0

        let through factor rest =
            let struct (inner, s) = withoutFactors g facts rest
            struct (inner, s * sign facts[factor])

        let n = g[id]

        match n.Kind, n.Op with
        | NodeKind.OperatorNode, Op.Mul when facts[n.A].Curvature = Constant -> through n.A n.B
        | NodeKind.OperatorNode, Op.Mul when facts[n.B].Curvature = Constant -> through n.B n.A
        | NodeKind.OperatorNode, Op.Div when facts[n.B].Curvature = Constant -> through n.B n.A
        | NodeKind.OperatorNode, Op.Neg ->
            let struct (inner, s) = withoutFactors g facts n.A
            struct (inner, -s)
        | _ -> struct (id, 1)

    /// u·ln w for w = m·u or w = m·u/v with u affine, m > 0 and v concave: u·ln u and the relative entropy u·ln(u/v)
    /// (Boyd, Vandenberghe, Convex Optimization, 3.2.6) up to what is linear in u. The other way round u·ln(v/u) is
    /// concave.
    let private entropy (g: Graph) (facts: Facts[]) (u: int) (logarithm: int) : Curvature =
        let l = g[logarithm]

        if l.Kind <> NodeKind.OperatorNode || (l.Op <> Op.Log && l.Op <> Op.Log10) then
            Unknown
        else
            let struct (variable, factor) = withoutFactors g facts u

            let signed curvature =
                match factor with
                | 1 -> curvature
                | -1 -> negated curvature
                | _ -> Unknown

            let same id =
                let struct (other, s) = withoutFactors g facts id
                other = variable && s = 1

            let isDivisor id = isConcave facts[id] && isNonnegative facts[id]

            if not (isAffine facts[variable]) then
                Unknown
            elif same l.A then
                signed Convex
            else
                let struct (quotient, s) = withoutFactors g facts l.A
                let q = g[quotient]

                if s <> 1 || q.Kind <> NodeKind.OperatorNode || q.Op <> Op.Div || not (isNonnegative facts[variable]) then Unknown
                elif same q.A && isDivisor q.B then signed Convex
                elif same q.B && isDivisor q.A then signed Concave
                else Unknown

    let private product (g: Graph) (facts: Facts[]) (n: Node) (range: Interval) : Facts =
        let a, b = facts[n.A], facts[n.B]
        let isLogConvex = a.IsLogConvex && b.IsLogConvex

        if a.Curvature = Constant || b.Curvature = Constant then
            let c, f = if a.Curvature = Constant then a, b else b, a

            { Curvature = scaled c f
              Range = range
              IsSumOfSquares = isNonnegative c && f.IsSumOfSquares
              IsLogConvex = isLogConvex }
        elif isLogConvex then
            { plain Convex range with
                IsLogConvex = true }
        else
            match entropy g facts n.A n.B with
            | Unknown -> plain (entropy g facts n.B n.A) range
            | curvature -> plain curvature range

    /// A product of concave functions that are not negative: its logarithm is concave.
    let rec private isLogConcave (g: Graph) (facts: Facts[]) (id: int) : bool =
        let n = g[id]

        (isConcave facts[id] && isNonnegative facts[id])
        || (n.Kind = NodeKind.OperatorNode
            && (match n.Op with
                | Op.Mul -> isLogConcave g facts n.A && isLogConcave g facts n.B
                | Op.Square -> isLogConcave g facts n.A
                | _ -> false))

    let private quotient (g: Graph) (facts: Facts[]) (n: Node) (range: Interval) : Facts =
        let a, b = facts[n.A], facts[n.B]

        if b.Curvature = Constant then
            { Curvature = scaled b a
              Range = range
              IsSumOfSquares = isNonnegative b && a.IsSumOfSquares
              IsLogConvex = isNonnegative b && a.IsLogConvex }
        // 1/v is log-convex where v is log-concave.
        elif a.IsLogConvex && isLogConcave g facts n.B then
            { plain Convex range with
                IsLogConvex = true }
        elif a.IsSumOfSquares && isConcave b && isNonnegative b then plain Convex range
        elif a.IsSumOfSquares && isConvex b && isNonpositive b then plain Concave range
        elif a.Curvature = Constant && isNonpositive a && isConcave b && isNonnegative b then plain Concave range
        elif a.Curvature = Constant && isNonpositive a && isConvex b && isNonpositive b then plain Convex range
        else plain Unknown range

    let private byTable (op: Op) (args: Facts[]) (range: Interval) : Facts =
        let curvature, monotone = (Operators.get op).Shape(args |> Array.map _.Range)
        plain (compose curvature monotone args) range

    let private applied (g: Graph) (facts: Facts[]) (n: Node) (args: Facts[]) (range: Interval) : Facts =
        let a = args[0]

        match n.Op with
        | Op.Add -> { sum a args[1] with Range = range }
        | Op.Mul -> product g facts n range
        | Op.Div -> quotient g facts n range
        | Op.Square ->
            { byTable n.Op args range with
                IsSumOfSquares = isAffine a || (isConvex a && isNonnegative a) || (isConcave a && isNonpositive a)
                IsLogConvex = a.IsLogConvex }
        | Op.Sqrt when a.IsSumOfSquares -> plain Convex range
        | Op.Exp when isConvex a ->
            { plain Convex range with
                IsLogConvex = true }
        | Op.Log
        | Op.Log10 when a.IsLogConvex -> plain Convex range
        | Op.Log
        | Op.Log10 when isLogConcave g facts n.A -> plain Concave range
        // The shape of a power is that for a constant exponent, of Huber's function that for a constant threshold.
        | Op.Pow when args[1].Curvature <> Constant -> plain Unknown range
        | Op.Pow when a.IsSumOfSquares && atLeast 0.5 args[1] -> plain Convex range
        | Op.Huber when args[1].Curvature <> Constant || not (isNonnegative args[1]) -> plain Unknown range
        | Op.Select when a.Curvature = Constant -> { either args[1] args[2] with Range = range }
        | op -> byTable op args range

    let private operator (g: Graph) (facts: Facts[]) (n: Node) : Facts =
        let args = [| n.A; n.B; n.C |] |> Array.filter (fun k -> k >= 0) |> Array.map (fun k -> facts[k])
        let isPoint (f: Facts) = let struct (lo, hi) = f.Range in lo = hi

        if args |> Array.forall (fun f -> f.Curvature = Constant) then
            if Array.forall isPoint args then
                let value k = if k < args.Length then (let struct (lo, _) = args[k].Range in lo) else 0.0
                let v = Operators.evaluate n.Op (value 0) (value 1) (value 2)
                plain Constant (struct (v, v))
            else
                plain Constant ((Operators.get n.Op).Range(args |> Array.map _.Range))
        else
            let range =
                match n.Op with
                | Op.Select -> (either args[1] args[2]).Range
                | op -> (Operators.get op).Range(args |> Array.map _.Range)

            applied g facts n args range

    /// The facts of every node of a graph, from those of its slots and the ranges of its data.
    let analyse (g: Graph) (slots: Facts[]) (data: Interval[]) : Facts[] =
        let facts = Array.create g.Count unknown

        for id in 0 .. g.Count - 1 do
            let n = g[id]

            facts[id] <-
                match n.Kind with
                | NodeKind.ConstantNode -> plain Constant (struct (n.Value, n.Value))
                | NodeKind.SlotNode -> slots[n.Index]
                | NodeKind.DatumNode -> plain Constant data[n.Index]
                | _ -> operator g facts n

        facts

    // ---- second derivatives --------------------------------------------------------------------------------------------

    /// Whether an expression is smooth on the whole box but for its boundary, or where it is not has a convex domain:
    /// on others the sign of second derivatives says nothing (1/x² has positive ones, and is not convex across 0).
    let private isSmooth (g: Graph) (facts: Facts[]) (root: int) : bool =
        let needed = g.Needed [| root |]

        let positive id =
            isPositive facts[id] || (isNonnegative facts[id] && isAffine facts[id])

        Seq.init g.Count id
        |> Seq.forall (fun id ->
            let n = g[id]

            not needed[id]
            || n.Kind <> NodeKind.OperatorNode
            || facts[id].Curvature = Constant
            || match n.Op with
               | Op.Add
               | Op.Sub
               | Op.Mul
               | Op.Neg
               | Op.Square
               | Op.Exp
               | Op.Sin
               | Op.Cos
               | Op.Sinh
               | Op.Cosh
               | Op.Tanh
               | Op.Atan
               | Op.Asinh
               | Op.Erf
               | Op.Erfc -> true
               | Op.Div -> facts[n.B].Curvature = Constant || positive n.B
               | Op.Sqrt
               | Op.Log
               | Op.Log10 -> positive n.A
               | Op.Pow -> positive n.A && facts[n.B].Curvature = Constant
               | _ -> false)

    /// Curvature by an enclosure of the Hessian over the box: all of its matrices are positive semidefinite when each
    /// diagonal entry is at least the sum of the magnitudes beside it (Gershgorin). For expressions without kinks, with
    /// slots that are all differentiated and affine.
    let bySecondDerivatives (g: Graph) (root: int) (hessian: (int * int * int)[]) (facts: Facts[]) (slotCount: int) : Curvature =
        if not (isSmooth g facts root) then
            Unknown
        else
            let lower = Array.zeroCreate slotCount
            let upper = Array.zeroCreate slotCount
            let beside = Array.zeroCreate slotCount

            for first, second, node in hessian do
                let struct (lo, hi) = facts[node].Range

                if first = second then
                    lower[first] <- lo
                    upper[first] <- hi
                else
                    let size = max (abs lo) (abs hi)
                    beside[first] <- beside[first] + size
                    beside[second] <- beside[second] + size

            let dominates (d: float) (size: float) = Double.IsFinite size && d >= size

            if Array.forall2 dominates lower beside then Convex
            elif Array.forall2 (fun hi size -> dominates -hi size) upper beside then Concave
            else Unknown
