using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Plans against a loop that adds every result of every instance to its cell.</summary>
public unsafe class ScatterPlanTests
{
    private static readonly int[] BlockSizes = [8, 40, 512];

    /// <summary>Whole numbers, so that sums are exact in any order; cells that nobody has to fill begin as NaN.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AddsEveryResultToItsCell(bool pulled)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new ScatterWorld(seed, pulled ? 1500 : 700);
            foreach (var mayStore in new[] { true, false })
            {
                var plans = world.Build(mayStore, out var fill);
                var start = Enumerable.Repeat(double.NaN, world.CellCount).ToArray();
                foreach (var (first, end) in fill)
                {
                    for (var cell = first; cell < end; cell++)
                        start[cell] = cell % 7;
                }
                if (!mayStore)
                    Assert.DoesNotContain(start, double.IsNaN);
                var expected = start.Select(v => double.IsNaN(v) ? 0 : v).ToArray();
                foreach (var template in world.Templates)
                    template.AddTo(expected, whole: true);
                foreach (var blockSize in BlockSizes)
                {
                    var cells = world.Run(plans, start, blockSize, pulled, whole: true);
                    for (var cell = 0; cell < cells.Length; cell++)
                    {
                        if (cell != world.Trash && cells[cell] != expected[cell])
                            Assert.Fail($"seed {seed}, blocks of {blockSize}, stores {mayStore}: cell {cell} is {cells[cell]}, not {expected[cell]}");
                    }
                }
            }
        }
    }

    /// <summary>Bits are the same for all block sizes, and whether stretches are pulled or not.</summary>
    [Fact]
    public void BitsDependOnThePlanOnly()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new ScatterWorld(seed, 1500);
            var plans = world.Build(mayStore: seed % 3 > 0, out var fill);
            var random = new Random(seed);
            var start = Enumerable.Range(0, world.CellCount).Select(_ => random.NextDouble()).ToArray();
            var expected = world.Run(plans, start, 32, pulled: false, whole: false);
            foreach (var blockSize in BlockSizes)
            {
                foreach (var pulled in new[] { false, true })
                    Same(expected, world.Run(plans, start, blockSize, pulled, whole: false), $"seed {seed}, blocks of {blockSize}, pulled {pulled}");
            }
        }
    }

    [Fact]
    public void SaysWhereEachResultGoes()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var world = new ScatterWorld(seed, 400);
            var plans = world.Build(mayStore: true, out _);
            foreach (var (plan, template) in plans.Zip(world.Templates))
            {
                for (var e = 0; e < template.Columns.Length; e++)
                {
                    for (var i = 0; i < template.InstanceCount; i++)
                    {
                        var (cell, expected) = (plan.Cell(e, i), template.Columns[e][i]);
                        Assert.True(cell == expected || (cell == -1 && expected == world.Trash), $"seed {seed}, result {e} of instance {i}: {cell}, not {expected}");
                    }
                }
            }
        }
    }

    /// <summary>A tridiagonal matrix in two entries a row, as the chained Rosenbrock function has it.</summary>
    [Fact]
    public void NeighbouringCellsNeedNoTableAndAreStored()
    {
        const int n = 1000;
        var claims = new CellClaims((2 * n) - 1);
        IndexColumn[] columns = [IndexColumn.Affine(0, 2), IndexColumn.Affine(1, 2), IndexColumn.Affine(2, 2)];
        var plan = ScatterPlanBuilder.Build(columns, n - 1, -1, claims, mayStore: true);
        Assert.Equal(0, plan.TableBytes);
        var group = Assert.Single(Assert.Single(plan.Segments).Groups);
        Assert.True(group.Assigns);
        Assert.Equal((2, 1), (group.Step, group.Reach));
        // The first place gets one of its sources only, the last cell lies behind the last place.
        Assert.Equal([(0, 2), ((2 * n) - 2, (2 * n) - 1)], claims.Unassigned());
    }

    [Fact]
    public void ADescendingColumnIsNoSum()
    {
        const int n = 300;
        var plan = ScatterPlanBuilder.Build([IndexColumn.Affine(n - 1, -1)], n, -1, new CellClaims(n), mayStore: true);
        for (var i = 0; i < n; i++)
            Assert.Equal(n - 1 - i, plan.Cell(0, i));
    }

    private static void Same(double[] expected, double[] actual, string what)
    {
        for (var cell = 0; cell < expected.Length; cell++)
        {
            if (BitConverter.DoubleToInt64Bits(expected[cell]) != BitConverter.DoubleToInt64Bits(actual[cell]))
                Assert.Fail($"{what}: cell {cell} is {actual[cell]:R}, not {expected[cell]:R}");
        }
    }
}
