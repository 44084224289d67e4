/// Random models as text: indexed variables, data, affine and computed subscripts, sums short and long in linear and
/// nonlinear places, definitions nested, indexed and recursive, kinks on their active branch.
module Optc.Compiler.Tests.ModelTexts

open System

/// What may be referred to at a place.
type private Place =
    {
        /// Dummies over 1..n with how far they keep from the ends: a dummy over 1..n-1 has (0, 1).
        Numbers: (string * int * int) list
        /// Dummies over S
        Symbols: string list
        /// Indexed definitions made so far
        Defined: string list
        Scalars: string list
        Depth: int
    }

[<Sealed>]
type private Writer(random: Random, n: int) =
    let mutable dummies = 0

    let pick (items: 'T list) = items[random.Next items.Length]
    let chance percent = random.Next 100 < percent

    member _.Pick items = pick items
    member _.Chance percent = chance percent

    member _.NewDummy() =
        dummies <- dummies + 1
        $"i{dummies}"

    member _.Constant() = pick [ "0.5"; "1"; "2"; "0.3"; "1.25"; "-0.7" ]

    /// A subscript in 1..n.
    member _.Subscript(p: Place) : string =
        match p.Numbers with
        | [] -> pick [ "1"; $"{n}"; "n"; "s[1]"; "ceil(n/2)" ]
        | numbers ->
            let i, below, above = pick numbers

            pick
                [ i; i; i; $"n+1-{i}"; $"s[{i}]"; $"{i} mod n + 1"
                  if above > 0 then $"{i}+{above}" else i
                  if below > 0 then $"{i}-{below}" else i
                  "1"; "n" ]

    member _.Symbol(p: Place) : string =
        match p.Symbols with
        | [] -> pick [ "'a'"; "'b'"; "first(S)"; "last(S)" ]
        | symbols -> pick (symbols @ symbols @ [ "'c'" ])

    member w.Data(p: Place) : string =
        pick [ w.Constant(); $"p[{w.Subscript p}]"; $"q[{w.Subscript p},{w.Symbol p}]"; "k"; $"(p[{w.Subscript p}] + 0.5)" ]

    member w.Condition(p: Place) : string =
        match p.Numbers with
        | [] -> pick [ "k > 1"; "n > 3" ]
        | numbers ->
            let i, _, _ = pick numbers
            pick [ $"{i} mod 2 = 0"; $"{i} > 2"; $"p[{i}] < 1"; $"{i} = n or {i} = 1"; $"{i} in T" ]

    member w.Variable(p: Place) : string =
        let defined = p.Defined |> List.map (fun d -> $"{d}[{w.Subscript p}]")
        pick ([ $"x[{w.Subscript p}]"; $"x[{w.Subscript p}]"; $"y[{w.Subscript p},{w.Symbol p}]"; "t" ] @ defined @ p.Scalars)

    /// An indexing over 1..n or a part of it, or over S, with the place inside.
    member w.Indexing(p: Place) : string * Place =
        let i = w.NewDummy()
        let inner = { p with Depth = p.Depth - 1 }
        let number below above = { inner with Numbers = (i, below, above) :: p.Numbers }

        match random.Next 7 with
        | 0 -> $"{{{i} in 1..n}}", number 0 0
        | 1 -> $"{{{i} in 1..n-1}}", number 0 1
        | 2 -> $"{{{i} in 2..n}}", number 1 0
        | 3 -> $"{{{i} in T}}", number 0 0
        | 4 -> $"{{{i} in 1..n: {w.Condition(number 0 0)}}}", number 0 0
        | 5 -> $"{{{i} in S}}", { inner with Symbols = i :: p.Symbols }
        | _ ->
            match p.Numbers with
            | (j, _, _) :: _ when chance 60 -> $"{{{i} in 1..{j}}}", number 0 0
            | _ -> $"{{{i} in 1..2}}", number 0 0

    /// An expression whose value stays moderate.
    member w.Expression(p: Place) : string =
        if p.Depth <= 0 then
            if chance 75 then w.Variable p else w.Data p
        else
            let inner = { p with Depth = p.Depth - 1 }
            let e () = w.Expression inner

            match random.Next 28 with
            | 0 -> $"sin({e ()})"
            | 1 -> $"cos({e ()}) + {e ()}"
            | 2 -> $"tanh({e ()})"
            | 3 -> $"exp(0.3*sin({e ()}))"
            | 4 -> $"log(1.5 + ({e ()})^2)"
            | 5 -> $"sqrt(1 + ({e ()})^2)"
            | 6 -> $"({e ()})*({e ()})"
            | 7 -> $"({e ()})/(1 + ({e ()})^2)"
            | 8 -> $"{e ()} - {e ()}"
            | 9 -> $"-({e ()})^2"
            | 10 -> $"({e ()})^3/8"
            | 11 -> $"(1 + ({e ()})^2)^{w.Data inner}"
            | 12 -> $"(1.2 + sin({e ()}))^cos({e ()})"
            | 13 -> $"x[{w.Subscript p}]^(if k > 1 then 2 else 3)"
            | 14 -> $"atan2({e ()}, 1.5 + ({e ()})^2)"
            | 15 -> $"{w.Data p}*({e ()}) + ({e ()})/2"
            | 16 -> $"huber({e ()}, 0.7)"
            | 17 -> $"erf({e ()})"
            | 18 -> $"(if {w.Condition p} then {e ()} else {e ()})"
            | 19 -> $"(if {w.Variable p} < 0.9 and {w.Condition p} then {e ()} else cos({e ()}))"
            | 20 -> $"sin({pick w.Kinks p})"
            | 21
            | 22 ->
                let indexing, place = w.Indexing p
                $"sum {indexing} ({w.Expression place})"
            | 23 ->
                let indexing, place = w.Indexing p
                $"tanh(sum {indexing} 0.2*({w.Expression place}))"
            | 24 ->
                let indexing, place = w.Indexing p
                $"prod {indexing} (1 + 0.1*sin({w.Expression place}))"
            | 25 ->
                let indexing, place = w.Indexing p
                // Never over nothing
                if indexing.Contains ':' || indexing.Contains " T" then $"sin({e ()})" else $"logsumexp {indexing} ({w.Expression place})"
            | 26 ->
                let indexing, place = w.Indexing p
                $"sqrt(2 + (norm2 {indexing} (1.5 + ({w.Expression place})^2))^2)"
            | _ ->
                let indexing, place = w.Indexing p
                $"x[{w.Subscript p}]*sum {indexing} ({w.Expression place})"

    member private w.Kinks: (Place -> string) list =
        let e (p: Place) = w.Expression { p with Depth = p.Depth - 1 }

        [ fun p -> $"abs({e p})"
          fun p -> $"max({e p}, {e p})"
          fun p -> $"min({e p}, {e p}, 0.4)"
          fun p -> $"(({e p}) less 0.3)"
          fun p -> $"<<0.3, 0.8; -1, 0.5, 2>> ({e p})"
          fun p ->
              let indexing, place = w.Indexing p
              if indexing.Contains ':' || indexing.Contains " T" then $"abs({e p})" else $"max {indexing} ({w.Expression place})"
          fun p ->
              let indexing, place = w.Indexing p
              $"norm1 {indexing} ({w.Expression place})" ]

/// A model with n members in its main set.
let generate (seed: int) : string =
    let random = Random seed
    // Long sums are stages, short ones are written out.
    let n = if seed % 4 = 3 then 18 + random.Next 6 else 2 + random.Next 5
    let w = Writer(random, n)
    let lines = ResizeArray<string>()
    let add (line: string) = lines.Add line
    add $"param n := {n};"
    add "param k := 1.5;"
    add "set S := {'a','b','c'};"
    add "set T := {i in 1..n: i mod 3 <> 2};"
    add "param s {i in 1..n} := (i*7 + 3) mod n + 1;"
    add "param p {i in 1..n} := 0.4 + 0.3*sin(i) + (if i mod 4 = 0 then 1.1 else 0);"
    add (if random.Next 2 = 0 then "param q {i in 1..n, c in S} := 0.2*i/n + (if c = 'b' then 1 else 0.5);" else "param q {1..n, S} default 0.75;")
    add "var x {1..n} >= -5, <= 9, := 1;"
    add "var y {i in 1..n, c in S} := 0.5;"
    add "var t := 0.8;"

    let place depth =
        { Numbers = []
          Symbols = []
          Defined = []
          Scalars = []
          Depth = depth }

    let over name (p: Place) = { p with Numbers = (name, 0, 0) :: p.Numbers }
    let byI = over "i"
    let byIJ p = over "j" p |> byI
    let byJ = over "j" (place 1)
    let mutable known = place 2

    if w.Chance 60 then
        add $"var d1 {{i in 1..n}} = {w.Expression(byI (place 2))};"
        known <- { known with Defined = [ "d1" ] }

    if w.Chance 40 then
        add $"var d2 {{i in 1..n}} = {w.Expression(byI known)} + 0.5*({w.Variable(byI known)});"
        known <- { known with Defined = "d2" :: known.Defined }

    if w.Chance 40 then
        add $"var r {{i in 1..n}} = if i = 1 then {w.Expression(byI (place 1))} else 0.5*r[i-1] + sin({w.Expression(byI (place 1))});"
        known <- { known with Defined = "r" :: known.Defined }

    if w.Chance 40 then
        add $"var g = {w.Expression known};"
        known <- { known with Scalars = [ "g" ] }

    let top = { known with Depth = 3 }
    let indexing, inside = w.Indexing top
    let sense = w.Pick [ "minimize"; "maximize" ]
    add $"{sense} f: {w.Expression top} + sum {indexing} ({w.Expression inside}) - sin({w.Expression top});"
    add $"subject to c1 {{i in 1..n}}: {w.Expression(byI known)} + 0.1*t = {w.Data(byI known)};"

    if w.Chance 70 then
        add $"subject to c2 {{i in 1..n, j in 1..n: i <> j}}: sin({w.Expression(byIJ known)}) + 0.1*x[i]*x[j] <= {w.Expression byJ};"

    if w.Chance 70 then
        let byC = { known with Symbols = [ "c" ] }
        add $"subject to c3 {{c in S}}: -10 <= {w.Expression byC} + t <= 50 + k;"

    if w.Chance 50 then
        add $"subject to c4: {w.Data top} >= t + cos({w.Expression top});"

    if w.Chance 40 then
        add "fix x[1] := 0.9;"

    if w.Chance 30 then
        add "fix {i in 1..n: i mod 2 = 0} y[i,'b'] := 0.4;"

    if w.Chance 20 then
        add "drop c1[n];"

    String.concat "\n" lines
