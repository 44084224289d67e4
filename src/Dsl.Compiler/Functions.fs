namespace Optc.Compiler

open System

/// The numeric functions of data expressions, by name and number of arguments. (How variables go through them is in the
/// operator table of the symbolic part.)
module Functions =
    /// log Γ(x) by Stirling's series after a shift, Abramowitz & Stegun 6.1.41; reflection 6.1.17 below 1/2.
    let rec lgamma (x: float) : float =
        if Double.IsNaN x then
            nan
        elif x <= 0.0 && x = Math.Floor x then
            infinity
        elif x < 0.5 then
            log (Math.PI / abs (sin (Math.PI * x))) - lgamma (1.0 - x)
        else
            let mutable shift = 0.0
            let mutable z = x
            let mutable product = 1.0

            while z < 15.0 do
                product <- product * z
                z <- z + 1.0

            shift <- log product
            let r = 1.0 / (z * z)

            let series =
                (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360360.0)))))
                / z

            (z - 0.5) * log z - z + 0.5 * log (2.0 * Math.PI) + series - shift

    let gamma (x: float) : float =
        if x = Math.Floor x && x > 0.0 && x <= 171.0 then
            let mutable product = 1.0

            for k in 2 .. int x - 1 do
                product <- product * float k

            product
        elif x < 0.5 then
            let s = sin (Math.PI * x)
            if x = Math.Floor x then nan else Math.PI / (s * exp (lgamma (1.0 - x)))
        else
            exp (lgamma x)

    let erf (x: float) : float = MathNet.Numerics.SpecialFunctions.Erf x
    let erfc (x: float) : float = MathNet.Numerics.SpecialFunctions.Erfc x

    /// x to n decimals, halves away from zero.
    let round (x: float) (n: float) : float =
        if Double.IsFinite x |> not then
            x
        elif n >= 0.0 && n <= 15.0 && abs x < 1e12 then
            float (Math.Round(decimal x, int n, MidpointRounding.AwayFromZero))
        else
            let scale = Math.Pow(10.0, n)
            let r = Math.Round(x * scale, MidpointRounding.AwayFromZero) / scale
            if Double.IsFinite r then r else x

    let trunc (x: float) (n: float) : float =
        if Double.IsFinite x && n >= 0.0 && n <= 15.0 && abs x < 1e12 then
            let scale = pown 10M (int n)
            float (Math.Truncate(decimal x * scale) / scale)
        else
            let scale = Math.Pow(10.0, n)
            Math.Truncate(x * scale) / scale

    /// x rounded to n significant digits
    let precision (x: float) (n: float) : float =
        if x = 0.0 || not (Double.IsFinite x) then
            x
        else
            Double.Parse(x.ToString($"E{max 0 (int n - 1)}", Globalization.CultureInfo.InvariantCulture), Globalization.CultureInfo.InvariantCulture)

    /// Huber's function: t²/2 within ±delta, then linear with slope delta.
    let huber (t: float) (delta: float) : float =
        let a = abs t
        if a <= delta then 0.5 * t * t else delta * (a - 0.5 * delta)

    /// `a mod b` has the sign of a, `a div b` is rounded towards zero, as in AMPL.
    let modulo (a: float) (b: float) : float = a % b

    let less (a: float) (b: float) : float = max (a - b) 0.0

    let unary: Map<string, float -> float> =
        Map
            [ "abs", abs
              "sqrt", sqrt
              "exp", exp
              "log", log
              "log10", log10
              "sin", sin
              "cos", cos
              "tan", tan
              "asin", asin
              "acos", acos
              "atan", atan
              "sinh", sinh
              "cosh", cosh
              "tanh", tanh
              "asinh", Math.Asinh
              "acosh", Math.Acosh
              "atanh", Math.Atanh
              "ceil", ceil
              "floor", floor
              "round", (fun x -> Math.Round(x, MidpointRounding.AwayFromZero))
              "trunc", truncate
              "erf", erf
              "erfc", erfc
              "gamma", gamma
              "lgamma", lgamma
              "pos", (fun x -> max x 0.0) ]

    let binary: Map<string, float -> float -> float> =
        Map
            [ "atan2", (fun y x -> Math.Atan2(y, x))
              "atan", (fun y x -> Math.Atan2(y, x))
              "round", round
              "trunc", trunc
              "precision", precision
              "huber", huber ]

    /// Functions that draw random numbers: arguments to the value.
    let random: Map<string, int * (RandomSource -> float[] -> float)> =
        Map
            [ "Uniform01", (0, (fun r _ -> r.Uniform01()))
              "Uniform", (2, (fun r a -> a[0] + (a[1] - a[0]) * r.Uniform01()))
              "Normal01", (0, (fun r _ -> r.Normal01()))
              "Normal", (2, (fun r a -> a[0] + a[1] * r.Normal01()))
              "Exponential", (0, (fun r _ -> r.Exponential()))
              "Poisson", (1, (fun r a -> r.Poisson a[0]))
              "Gamma", (1, (fun r a -> r.Gamma a[0]))
              "Beta", (2, (fun r a -> r.Beta(a[0], a[1])))
              "Cauchy", (0, (fun r _ -> r.Cauchy()))
              "Irand224", (0, (fun r _ -> r.Irand224())) ]

    /// Functions of sets, members and strings, with their least and greatest number of arguments.
    let special: Map<string, int * int> =
        Map
            [ "card", (1, 1)
              "arity", (1, 1)
              "first", (1, 1)
              "last", (1, 1)
              "next", (1, 3)
              "prev", (1, 3)
              "nextw", (1, 3)
              "prevw", (1, 3)
              "ord", (1, 2)
              "ord0", (1, 2)
              "member", (2, 2)
              "num", (1, 1)
              "num0", (1, 1)
              "char", (1, 1)
              "ichar", (1, 1)
              "length", (1, 1)
              "substr", (2, 3)
              "sub", (3, 3)
              "gsub", (3, 3)
              "match", (2, 2)
              "sprintf", (1, 64)
              "time", (0, 0)
              "min", (1, 1000000)
              "max", (1, 1000000)
              "logsumexp", (1, 1000000)
              "norm1", (1, 1000000)
              "norm2", (1, 1000000)
              "norminf", (1, 1000000) ]

    let isKnown (name: string) =
        unary.ContainsKey name
        || binary.ContainsKey name
        || random.ContainsKey name
        || special.ContainsKey name

    let names: string seq =
        Seq.concat [ Map.keys unary; Map.keys binary; Map.keys random; Map.keys special ]

    /// The number of arguments is one the function takes.
    let accepts (name: string) (count: int) =
        (count = 1 && unary.ContainsKey name)
        || (count = 2 && binary.ContainsKey name)
        || (match random.TryFind name with
            | Some(n, _) -> n = count
            | None -> false)
        || (match special.TryFind name with
            | Some(least, most) -> least <= count && count <= most
            | None -> false)
