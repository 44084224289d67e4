using Optc.Compiler;
using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>What compiling one model costs at several sizes: templates and code should not grow, tables as the data do.</summary>
internal sealed record Growth(int Variables, int Loads, double TemplateSeconds, double TableSeconds, double CodeSeconds, double FirstSeconds, double NextSeconds, long PeakBytes)
{
    /// <summary>Medians of several loads of one instance, all methods hot. Each is evaluated twice, so that all code is made.</summary>
    public static Growth Measure(Func<LoadedModel> load, int loads)
    {
        var runs = Enumerable.Range(0, loads).Select(_ => Once(load)).ToArray();
        double Of(Func<Growth, double> figure) => Timing.Median(runs.Select(figure));
        return new(runs[0].Variables, loads, Of(r => r.TemplateSeconds), Of(r => r.TableSeconds), Of(r => r.CodeSeconds), Of(r => r.FirstSeconds), Of(r => r.NextSeconds), runs[^1].PeakBytes);
    }

    private static Growth Once(Func<LoadedModel> load)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        CompiledModel compiled = load().Compiled;
        INlpProblem problem = compiled.Problem;
        using var points = new Points(problem.Start);
        using var weights = new NativeVector(problem.ConstraintCount);
        weights.Span.Fill(1.0);
        using var contestant = new OptcContestant(problem, points, 1.0, weights);
        // The system gives memory at the first write: that is no work of the compiler's.
        contestant.Touch();
        double first = Timing.Seconds(() => contestant.Run(Quantity.All, 1)), next = Timing.Seconds(() => contestant.Run(Quantity.All, 1));
        CompileClock clock = compiled.Clock;
        return new(problem.VariableCount, 1, clock.TemplateSeconds, clock.TableSeconds, clock.CodeSeconds, first, next, Memory.Status("VmHWM"));
    }
}
