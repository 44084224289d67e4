using Xunit;

namespace Optc.Runtime.Native.Tests.Factorization;

public unsafe class FrontUpdateTests
{
    [Fact]
    public void AgreesWithThreeNestedLoops()
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 70), columns = random.Next(1, rows + 1), pivots = random.Next(0, 230);
            int ldc = rows + random.Next(3), ldl = rows + random.Next(5);
            double[] c = TestMatrix.Vector(random, ldc * columns), l = TestMatrix.Vector(random, Math.Max(1, ldl * pivots));
            double[] diagonal = TestMatrix.Vector(random, pivots + 1), off = new double[pivots + 1];
            for (int k = 0; k + 1 < pivots; k++)
            {
                if (random.Next(3) == 0) off[k++] = TestMatrix.Normal(random);
            }
            double[] expected = [.. c];
            for (int j = 0; j < columns; j++)
            {
                for (int i = j; i < rows; i++)
                {
                    for (int k = 0; k < pivots; k++)
                    {
                        double w = diagonal[k] * l[j + (k * ldl)];
                        if (off[k] != 0) w += off[k] * l[j + ((k + 1) * ldl)];
                        if (k > 0 && off[k - 1] != 0) w += off[k - 1] * l[j + ((k - 1) * ldl)];
                        expected[i + (j * ldc)] -= l[i + (k * ldl)] * w;
                    }
                }
            }
            var scratch = new double[FrontUpdate.ScratchSize(rows)];
            fixed (double* pc = c, pl = l, pd = diagonal, po = off, ps = scratch)
            {
                FrontUpdate.Subtract(pc, ldc, rows, columns, pl, ldl, pivots, pd, po, ps);
            }
            for (int j = 0; j < columns; j++)
            {
                for (int i = j; i < rows; i++) Assert.Equal(expected[i + (j * ldc)], c[i + (j * ldc)], 1e-10);
            }
        }
    }
}
