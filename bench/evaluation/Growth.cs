using Optc.Compiler;
using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>What compiling one model costs at several sizes: templates and code should not grow, tables as the data do.</summary>
internal sealed record Growth(
    int Variables, double TemplateSeconds, double TableSeconds, double CodeSeconds, double FirstSeconds, double NextSeconds, long PeakBytes)
{
    private const int LineOfCache = 64;

    // Larger than any cache.
    private static readonly byte[] Elsewhere = new byte[1 << 28];

    /// <summary>Medians over rounds, each of which loads every instance once, so that all meet the same moods of the machine.
    /// Instances are evaluated twice: the first time makes all code. Peaks of memory are those of the first round.</summary>
    public static Growth[] Measure(IReadOnlyList<Func<LoadedModel>> loads, int rounds)
    {
        Growth[][] runs = [.. Enumerable.Range(0, rounds).Select(_ => loads.Select(Once).ToArray())];
        return [.. loads.Select((_, k) => Median([.. runs.Select(round => round[k])]))];
    }

    private static Growth Median(Growth[] runs)
    {
        double Of(Func<Growth, double> figure) => Timing.Median(runs.Select(figure));
        return runs[0] with
        {
            TemplateSeconds = Of(r => r.TemplateSeconds),
            TableSeconds = Of(r => r.TableSeconds),
            CodeSeconds = Of(r => r.CodeSeconds),
            FirstSeconds = Of(r => r.FirstSeconds),
            NextSeconds = Of(r => r.NextSeconds),
        };
    }

    private static Growth Once(Func<LoadedModel> load)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        CompiledModel compiled = load().Compiled;
        INlpProblem problem = compiled.Problem;
        using var points = new Points(problem.Start);
        using var weights = new NativeVector(problem.ConstraintCount);
        weights.Span.Fill(1.0);
        using var outputs = Outputs.For(problem);
        using var contestant = new OptcContestant(problem, points, 1.0, weights, outputs);
        // The system gives memory at the first write: that is no work of the compiler's.
        contestant.Touch();
        double first = SecondsOfAll(contestant, problem.ConstraintCount), next = SecondsOfAll(contestant, problem.ConstraintCount);
        CompileClock clock = compiled.Clock;
        return new(problem.VariableCount, clock.TemplateSeconds, clock.TableSeconds, clock.CodeSeconds, first, next, Memory.Status("VmHWM"));
    }

    /// <summary>Evaluates everything once. Each evaluation, and the compiler's work in it, begins with empty caches: a large instance
    /// empties them itself.</summary>
    private static double SecondsOfAll(OptcContestant contestant, int constraints)
    {
        double seconds = 0.0;
        foreach (Quantity quantity in Enum.GetValues<Quantity>())
        {
            if (quantity == Quantity.All || (constraints == 0 && quantity is (Quantity.Constraints or Quantity.Jacobian))) continue;
            for (int i = 0; i < Elsewhere.Length; i += LineOfCache) Elsewhere[i]++;
            seconds += Timing.Seconds(() => contestant.Run(quantity, 1));
        }
        return seconds;
    }
}
