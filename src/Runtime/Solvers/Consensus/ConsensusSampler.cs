using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>
/// Draws from the density proportional to exp(−Σₖ fₖ(z) − g(z)) by consensus ADMM with noise in the proximal steps, after "Distributed Markov Chain Monte Carlo Sampling based on
/// the Alternating Direction Method of Multipliers" (Tzikas, Romao, Pilanci, Abate, Kochenderfer 2024), here with a coordinator in the place of a network (docs/sampling.md):
/// <code>xₖ = argmin fₖ(x) + ρ/2 ‖x − z + uₖ − √(2/ρ) ξₖ‖²,   z = mean(xₖ + uₖ),   uₖ ← uₖ + xₖ − z,   ξₖ standard normal.</code>
/// </summary>
public sealed class ConsensusSampler
{
    /// <summary>Steps of about a tenth of 1/λmax: the bias of the draws is of the order of the step.</summary>
    private const double PenaltyOverCurvature = 10.0;

    private readonly SamplingOptions _options;

    /// <summary>A sampler with these options (the defaults for null), which are validated here.</summary>
    public ConsensusSampler(SamplingOptions? options = null)
    {
        _options = options ?? new SamplingOptions();
        _options.Validate();
    }

    /// <summary>What of a problem cannot be sampled, with the remedy; null when all can.</summary>
    public static (string What, string Remedy)? Obstacle(ConsensusProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.SharedCount == 0) return ("no variable is shared by the blocks", "leave the variables that are to be drawn out of the blocks");
        foreach (BlockDefinition part in problem.Blocks.Append(problem.Coordinator))
        {
            if (part.Rows.Length > 0) return ($"{part.Name} has constraints", "a density is given by an objective alone: write constraints as terms of it");
            if (part.SharedLocal.Length < part.Variables.Length)
                return ($"{part.Name} has variables of its own, or kinks (abs, max)", "let blocks have copies of shared variables only, and terms be smooth");
            for (int j = 0; j < part.Problem.VariableCount; j++)
            {
                if (double.IsFinite(part.Problem.VariableLower[j]) || double.IsFinite(part.Problem.VariableUpper[j]))
                    return ($"{part.Name} has variables with bounds", "leave the bounds out, or write the variable as a smooth function of one without");
            }
        }
        IEnumerable<int> held = HasTerms(problem.Coordinator) ? Enumerable.Range(0, problem.SharedCount) : problem.SharedOfBlock.SelectMany(place => place);
        if (held.Distinct().Count() < problem.SharedCount) return ("no term of the objective holds some of its variables, whose density would be flat", "give them a prior, or fix them");
        return null;
    }

    /// <summary>Draws; fewer than asked for at a limit or when it is cancelled. Throws <see cref="ArgumentException"/> for what <see cref="Obstacle"/> names, and
    /// <see cref="InvalidOperationException"/> when a part has no nearest point.</summary>
    public SamplingResult Sample(ConsensusProblem problem, SolveRequest request, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        if (Obstacle(problem) is { } found) throw new ArgumentException($"{found.What}: {found.Remedy}", nameof(problem));
        long began = request.Clock.GetTimestamp();
        double[] start = request.Start ?? problem.Whole.Start.ToArray(), z = [.. problem.Coordinator.SharedVariables.Select(j => start[j])];
        List<SampledPart> parts = [.. problem.Blocks.Select((b, k) => new SampledPart(b, problem.SharedOfBlock[k]))];
        if (HasTerms(problem.Coordinator)) parts.Add(new SampledPart(problem.Coordinator, [.. Enumerable.Range(0, z.Length)]));
        double penalty = _options.Penalty > 0.0 ? _options.Penalty : PenaltyOverCurvature * BlockCurvature.MeanLargest(parts.Select(p => p.Definition));
        foreach (SampledPart part in parts) part.SetPenalty(penalty);
        var copies = new double[z.Length];
        foreach (SampledPart part in parts)
        {
            foreach (int place in part.Place) copies[place] += 1.0;
        }
        var noise = new NormalSource(new Random(request.Seed));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        double deviation = Math.Sqrt(2.0 / penalty);
        List<double[]> draws = [];
        int round = 0;
        double Elapsed() => request.Clock.GetElapsedTime(began).TotalSeconds;
        while (draws.Count < _options.Draws && !cancellation.IsCancellationRequested && Elapsed() < request.TimeLimit)
        {
            foreach (SampledPart part in parts) part.Centre(z, deviation, noise);
            if (threads == 1) parts.ForEach(part => part.Step(cancellation));
            else Parallel.ForEach(parts, parallel, part => part.Step(cancellation));
            if (cancellation.IsCancellationRequested) break;
            if (parts.Find(p => p.Status != SolveStatus.Solved) is { } failed)
                throw new InvalidOperationException($"{failed.Definition.Name} has no nearest point ({failed.Status}): its part of the objective may be unbounded below; give it a prior, or a larger rho.");
            Array.Clear(z);
            foreach (SampledPart part in parts) part.AddTo(z);
            for (int j = 0; j < z.Length; j++) z[j] /= copies[j];
            foreach (SampledPart part in parts) part.UpdateDual(z);
            round++;
            if (round > _options.Burn && (round - _options.Burn) % _options.Thin == 0) draws.Add([.. z]);
            if (round % 100 == 0) request.Progress?.Invoke(new IterationRecord(round, round, 0.0, 0.0, 0.0, penalty, 0.0, 0.0, Elapsed()));
        }
        return new SamplingResult(problem.Coordinator.SharedVariables, draws, penalty, 1.0 / (penalty * parts.Count), parts.Count, round, draws.Count == _options.Draws, Elapsed());
    }

    /// <summary>Whether the coordinator has terms that depend on its variables: its gradient is not zero at two points.</summary>
    private static bool HasTerms(BlockDefinition coordinator)
    {
        INlpProblem problem = coordinator.Problem;
        double[] x = problem.Start.ToArray(), gradient = new double[x.Length];
        problem.Gradient(x, gradient);
        if (gradient.AsSpan().ContainsAnyExcept(0.0)) return true;
        for (int j = 0; j < x.Length; j++) x[j] += 1.0 + (0.1 * Math.Sin(j));
        problem.Gradient(x, gradient);
        return gradient.AsSpan().ContainsAnyExcept(0.0);
    }
}
