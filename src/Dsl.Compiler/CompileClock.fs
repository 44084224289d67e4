namespace Optc.Compiler

open System.Diagnostics
open System.Threading

/// Where the time of a compilation goes: to templates, which cost what the text of the model is long; to tables, which cost
/// what the data are many; and later to machine code, which is made when evaluations first want it. Work on templates and
/// tables is done by one thread, code is made by any.
[<Sealed>]
type CompileClock() =
    let start = Stopwatch.GetTimestamp()
    let mutable total = 0L
    let mutable templates = 0L
    let mutable code = 0L
    let mutable isInside = false

    let seconds (ticks: int64) =
        float ticks / float Stopwatch.Frequency

    /// Work on templates; what it calls belongs to it.
    member _.Template(work: unit -> 'a) : 'a =
        if isInside then
            work ()
        else
            let before = Stopwatch.GetTimestamp()
            isInside <- true

            try
                work ()
            finally
                isInside <- false
                templates <- templates + Stopwatch.GetTimestamp() - before

    /// Making programs and machine code of kernels.
    member _.Code(work: unit -> 'a) : 'a =
        let before = Stopwatch.GetTimestamp()

        try
            work ()
        finally
            Interlocked.Add(&code, Stopwatch.GetTimestamp() - before) |> ignore

    /// The problem is there: what is done from now on is not part of the compilation.
    member _.Finish() = total <- Stopwatch.GetTimestamp() - start

    /// Lowering, simplification, differentiation
    member _.TemplateSeconds = seconds templates

    /// The rest: instances, columns, rows, patterns, scatter plans
    member _.TableSeconds = seconds (total - templates)

    /// Code made so far
    member _.CodeSeconds = seconds (Volatile.Read &code)
