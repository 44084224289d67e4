namespace Optc.Compiler

open System

/// xoshiro256** of Blackman and Vigna (2018), "Scrambled linear pseudorandom number generators", seeded by SplitMix64:
/// the numbers of a model depend on `option randseed` only, not on the version of the runtime.
[<Sealed>]
type RandomSource(seed: int64) =
    let state: uint64[] = Array.zeroCreate 4

    let reseed (seed: int64) =
        let mutable z = uint64 seed

        for k in 0..3 do
            z <- z + 0x9E3779B97F4A7C15UL
            let a = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
            let b = (a ^^^ (a >>> 27)) * 0x94D049BB133111EBUL
            state[k] <- b ^^^ (b >>> 31)

    do reseed seed

    let rotate (x: uint64) k = (x <<< k) ||| (x >>> (64 - k))

    member _.Reseed(seed: int64) = reseed seed

    member _.Next() : uint64 =
        let result = rotate (state[1] * 5UL) 7 * 9UL
        let t = state[1] <<< 17
        state[2] <- state[2] ^^^ state[0]
        state[3] <- state[3] ^^^ state[1]
        state[1] <- state[1] ^^^ state[2]
        state[0] <- state[0] ^^^ state[3]
        state[2] <- state[2] ^^^ t
        state[3] <- rotate state[3] 45
        result

    /// Uniform on [0, 1)
    member this.Uniform01() = float (this.Next() >>> 11) * (1.0 / 9007199254740992.0)

    /// Uniform integer on [0, 2^24)
    member this.Irand224() = float (this.Next() >>> 40)

    /// Standard normal by Box and Muller (1958), the cosine half only: one value a call keeps the stream simple.
    member this.Normal01() =
        let u = 1.0 - this.Uniform01()
        let v = this.Uniform01()
        sqrt (-2.0 * log u) * cos (2.0 * Math.PI * v)

    member this.Exponential() = -log (1.0 - this.Uniform01())

    /// Gamma with shape a and scale 1: Marsaglia and Tsang (2000), "A simple method for generating gamma variables".
    member this.Gamma(a: float) : float =
        if a < 1.0 then
            this.Gamma(a + 1.0) * Math.Pow(1.0 - this.Uniform01(), 1.0 / a)
        else
            let d = a - 1.0 / 3.0
            let c = 1.0 / sqrt (9.0 * d)
            let mutable result = nan

            while Double.IsNaN result do
                let x = this.Normal01()
                let v = Math.Pow(1.0 + c * x, 3.0)

                if v > 0.0 && log (1.0 - this.Uniform01()) < 0.5 * x * x + d - d * v + d * log v then
                    result <- d * v

            result

    member this.Beta(a: float, b: float) =
        let x = this.Gamma a
        x / (x + this.Gamma b)

    member this.Cauchy() = tan (Math.PI * (this.Uniform01() - 0.5))

    /// Counts the arrivals of a unit Poisson process; a large mean is split into independent parts.
    member this.Poisson(mean: float) =
        let mutable rest = mean
        let mutable total = 0.0

        while rest > 0.0 do
            let part = min rest 30.0
            rest <- rest - part
            let limit = exp -part
            let mutable product = this.Uniform01()

            while product > limit do
                total <- total + 1.0
                product <- product * this.Uniform01()

        total
