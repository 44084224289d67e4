using Optc.Runtime.Solvers.BlockCoordinate;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>What rules choose, against choices made the slow way.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData(SelectionRule.GaussSouthwell, "mixed")]
    [InlineData(SelectionRule.GaussSouthwellLipschitz, "l1")]
    [InlineData(SelectionRule.GaussSouthwellQuadratic, "mixed")]
    public void Greedy_rules_choose_what_a_dense_gradient_says(SelectionRule rule, string kind)
    {
        NaiveBlocks naive = NaiveBlocks.Random(21, 40, 0.1, kind);
        var state = new BlockState(naive.Function(), new BlockPenalty(naive.Penalty), 0);
        var scores = new GreedyScores(state, Partition.Consecutive(state.Penalty, 1), rule);
        var update = new DiagonalUpdate(state);
        scores.Refresh();
        int[] block = new int[1];
        for (int step = 0; step < 300; step++)
        {
            double[] naively = [.. Enumerable.Range(0, 40).Select(j => Score(naive, state, rule, j))];
            int chosen = scores.Heap.Top;
            Assert.InRange(scores.Heap[chosen], naively.Max() * (1 - 1e-9) - 1e-14, naively.Max() * (1 + 1e-9) + 1e-14);
            Assert.Equal(naively[chosen], scores.Heap[chosen], 1e-12);
            block[0] = chosen;
            update.Step(block, block);
            scores.Changed(block);
        }
    }

    /// <summary>From the definitions: the distance by one-sided derivatives, the decrease by the objective along the coordinate.</summary>
    private static double Score(NaiveBlocks naive, BlockState state, SelectionRule rule, int j)
    {
        double[] x = state.Function.Point.ToArray();
        double g = naive.Gradient(x)[j], l1 = naive.Penalty.L1[j], l = state.Function.Curvature(j) + naive.Penalty.L2[j];
        double right = x[j] >= naive.Penalty.Upper[j] ? 0 : Math.Max(0, -(g + (x[j] >= 0 ? l1 : -l1)));
        double left = x[j] <= naive.Penalty.Lower[j] ? 0 : Math.Max(0, g + (x[j] > 0 ? l1 : -l1));
        double distance = Math.Max(right, left);
        if (rule == SelectionRule.GaussSouthwell) return distance * distance;
        if (rule == SelectionRule.GaussSouthwellLipschitz) return distance * distance / l;
        double v = x[j] - (g / l), target = Math.Clamp(Math.Sign(v) * Math.Max(0, Math.Abs(v) - (l1 / l)), naive.Penalty.Lower[j], naive.Penalty.Upper[j]);
        double[] moved = [.. x];
        moved[j] = target;
        return naive.Objective(x) - naive.Objective(moved);
    }

    [Fact]
    public void The_heap_keeps_the_largest_on_top()
    {
        var random = new Random(4);
        var heap = new ScoreHeap(25);
        double[] scores = new double[25];
        for (int k = 0; k < 3000; k++)
        {
            int at = random.Next(25);
            scores[at] = random.Next(40) / 8.0;
            heap.Set(at, scores[at]);
            Assert.Equal(Array.IndexOf(scores, scores.Max()), heap.Top);
        }
    }

    [Fact]
    public void Shuffled_takes_every_block_once_an_epoch_and_cyclic_in_order()
    {
        var shuffled = new ShuffledRule(9, new Random(1));
        for (int epoch = 0; epoch < 5; epoch++) Assert.Equal(Enumerable.Range(0, 9), Enumerable.Range(0, 9).Select(_ => shuffled.Next()).Order());
        var cyclic = new CyclicRule(3);
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(_ => cyclic.Next()));
    }

    [Fact]
    public void The_Lipschitz_rule_draws_in_proportion()
    {
        double[] bounds = [1, 0, 4, 2.5, 0.5];
        var rule = new LipschitzRule(bounds, new Random(8));
        int[] counts = new int[5];
        for (int k = 0; k < 80_000; k++) counts[rule.Next()]++;
        for (int b = 0; b < 5; b++) Assert.InRange(counts[b] / 80_000.0, (bounds[b] / 8) - 0.006, (bounds[b] / 8) + 0.006);
    }
}
