using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Consensus;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Consensus;

/// <summary>Rounds with random schedules and noisy links, against the same written out, and in their moments.</summary>
public sealed class ScheduleTests
{
    private static readonly ConsensusOptions Alone = new() { Finish = false, Penalty = 8.0, Tolerance = 1e-12, AcceptableTolerance = 1e-12 };

    [Theory]
    [InlineData(0.3, true, true)]
    [InlineData(0.3, false, true)]
    [InlineData(0.5, true, false)]
    [InlineData(0.5, false, false)]
    public void Rounds_are_those_of_the_formulas(double schedule, bool continues, bool keeps)
    {
        var model = new SplitLeastSquares(6, 4, 0.4, 3);
        List<int[]> calls = [];
        double[] seen = [];
        var options = Alone with { Participation = schedule, ContinuesLocally = continues, KeepsMessages = keeps, MaxIterations = 9 };
        new ConsensusSolver(options).Solve(model.Problem(), new SolveRequest { Seed = 5 }, observer: r =>
        {
            calls.Add([.. r.Arrivals.Select(a => a.Block)]);
            seen = r.Shared.ToArray();
        });
        Assert.Equal(9, calls.Count);
        Assert.Equal(6, calls[0].Length);
        Assert.All(calls.Skip(1), c => Assert.Equal((int)Math.Round(schedule * 6), c.Distinct().Count()));
        Assert.True(calls.Skip(1).Select(c => string.Join(',', c.Order())).Distinct().Count() > 3, "subsets differ from round to round");
        double[] expected = model.Rounds(8.0, calls, continues, keeps);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], seen[i], 1e-9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Few_blocks_a_round_reach_the_answer_without_noise(bool continues)
    {
        var model = new SplitLeastSquares(6, 4, 0.7, 11);
        var options = new ConsensusOptions { Finish = false, Participation = 0.34, ContinuesLocally = continues };
        ConsensusResult answer = new ConsensusSolver(options).Solve(model.Problem(), new SolveRequest());
        Assert.Equal(SolveStatus.Solved, answer.Result.Status);
        Assert.True(model.Violation(answer.Result.Point) < 1e-6, $"violation {model.Violation(answer.Result.Point)}");
    }

    /// <summary>Without a penalty term the rounds are linear in the noise, so that their error is too: it neither grows nor settles.</summary>
    [Fact]
    public void The_error_is_proportional_to_the_noise_and_does_not_grow()
    {
        double[][] quiet = Shared(0.0, 1500), noisy = Shared(1e-4, 1500), noisier = Shared(4e-4, 1500);
        double early = 0.0, late = 0.0;
        for (int r = 0; r < noisy.Length; r++)
        {
            // Without noise the rounds end when they have settled.
            double[] settled = quiet[Math.Min(r, quiet.Length - 1)];
            for (int i = 0; i < settled.Length; i++)
            {
                double error = noisy[r][i] - settled[i];
                Assert.Equal(2.0 * error, noisier[r][i] - settled[i], 1e-7);
                if (r is >= 100 and < 800) early += error * error;
                if (r >= 800) late += error * error;
            }
        }
        Assert.True(early > 0.0);
        Assert.InRange(late / early, 0.7, 1.4);
    }

    [Fact]
    public void The_mean_over_rounds_nears_the_answer_and_says_so()
    {
        var model = new SplitLeastSquares(6, 4, 0.0, 3);
        double Distance(int rounds)
        {
            var options = Alone with { Participation = 0.5, UplinkNoise = 1e-4, DownlinkNoise = 1e-4, MaxIterations = rounds };
            ConsensusResult answer = new ConsensusSolver(options).Solve(model.Problem(), new SolveRequest());
            Assert.Equal(SolveStatus.IterationLimit, answer.Result.Status);
            Assert.Contains("the mean of the last", answer.Result.Message, StringComparison.Ordinal);
            return model.Violation(answer.Result.Point);
        }
        Assert.True(Distance(4000) < 0.5 * Distance(40), "a hundred times as many rounds, a tenth of the error");
    }

    [Fact]
    public void Threads_do_not_change_the_bits()
    {
        var options = Alone with { Participation = 0.5, UplinkNoise = 1e-3, MaxIterations = 30 };
        double[] one = new ConsensusSolver(options).Solve(new SplitLeastSquares(6, 4, 0.4, 8).Problem(), new SolveRequest(), 1).Result.Point;
        double[] two = new ConsensusSolver(options).Solve(new SplitLeastSquares(6, 4, 0.4, 8).Problem(), new SolveRequest(), 2).Result.Point;
        double[] other = new ConsensusSolver(options).Solve(new SplitLeastSquares(6, 4, 0.4, 8).Problem(), new SolveRequest { Seed = 2 }, 1).Result.Point;
        Assert.Equal(one, two);
        Assert.NotEqual(one, other);
    }

    [Theory]
    [InlineData("schedule", "0", "above 0, at most 1")]
    [InlineData("schedule", "1.5", "above 0, at most 1")]
    [InlineData("noise", "-1", "a variance")]
    [InlineData("noise", "1,2,3", "a variance, or up,down")]
    [InlineData("messages", "none", "all or round")]
    [InlineData("local", "no", "give 'schedule' below 1")]
    public void Values_out_of_range_are_refused(string name, string value, string remedy)
    {
        string message = Assert.Throws<ArgumentException>(() => ConsensusOptions.Table.With(new ConsensusOptions(), name, value).Validate()).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_meaning_in_rounds_is_refused()
    {
        Assert.Contains("leave out 'asynchronous'", Assert.Throws<ArgumentException>((Alone with { Participation = 0.5, Asynchronous = true }).Validate).Message, StringComparison.Ordinal);
        Assert.Contains("'alpha'", Assert.Throws<ArgumentException>((Alone with { UplinkNoise = 0.5, Relaxation = 1.0 }).Validate).Message, StringComparison.Ordinal);
    }

    private static double[][] Shared(double noise, int rounds)
    {
        List<double[]> seen = [];
        var options = Alone with { Participation = 0.5, UplinkNoise = noise, DownlinkNoise = noise, MaxIterations = rounds };
        new ConsensusSolver(options).Solve(new SplitLeastSquares(6, 4, 0.0, 3).Problem(), new SolveRequest { Seed = 9 }, observer: r => seen.Add(r.Shared.ToArray()));
        return [.. seen];
    }
}
