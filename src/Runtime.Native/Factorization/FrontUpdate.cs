using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>
/// The dense kernel of the factorisation: C ← C − L D Lᵀ on the lower trapezoid of C, with D block diagonal of 1×1 and 2×2
/// blocks. Everything is column major.
/// </summary>
/// <remarks>The loops are compiled optimised at once: one large factorisation may be over before the runtime's tiering would
/// have replaced its first, slow code.</remarks>
internal static unsafe class FrontUpdate
{
    private const int TileRows = 8;
    private const int TileColumns = 4;
    private const int ChunkPivots = 96;

    /// <summary>Scratch entries that <see cref="Subtract"/> needs for this many rows.</summary>
    public static long ScratchSize(int rows) => ((rows + TileRows) * (long)(ChunkPivots + 1)) + (TileColumns * (ChunkPivots + 1)) + 64;

    /// <summary>
    /// C[i, j] −= Σₖ L[i, k] (L D)[j, k] for 0 ≤ j &lt; columns, j ≤ i &lt; rows; entries of C above the diagonal may be
    /// overwritten with anything. <paramref name="off"/>[k] ≠ 0 joins k and k+1 to a 2×2 block.
    /// </summary>
    public static void Subtract(
        double* c, long ldc, int rows, int columns, double* l, long ldl, int pivots, double* diagonal, double* off, double* scratch)
    {
        if (columns <= 0 || rows <= 0) return;
        if (rows <= 12 || pivots < 4)
        {
            SubtractSmall(c, ldc, rows, columns, l, ldl, pivots, diagonal, off);
            return;
        }
        for (int first = 0; first < pivots;)
        {
            int count = Math.Min(ChunkPivots, pivots - first);
            // A chunk never separates the two columns of a 2×2 pivot.
            if (first + count < pivots && EndsInsidePair(off, first, first + count)) count++;
            SubtractChunk(c, ldc, rows, columns, l + (first * ldl), ldl, count, diagonal + first, off + first, scratch);
            first += count;
        }
    }

    private static bool EndsInsidePair(double* off, int begin, int end)
    {
        int k = begin;
        while (k < end) k += off[k] != 0 ? 2 : 1;
        return k > end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractSmall(
        double* c, long ldc, int rows, int columns, double* l, long ldl, int pivots, double* diagonal, double* off)
    {
        for (int k = 0; k < pivots; k++)
        {
            double* lk = l + (k * ldl);
            if (off[k] != 0)
            {
                double* ln = lk + ldl;
                double a = diagonal[k], b = off[k], d = diagonal[k + 1];
                for (int j = 0; j < columns; j++)
                {
                    double w = (a * lk[j]) + (b * ln[j]), v = (b * lk[j]) + (d * ln[j]);
                    if (w == 0 && v == 0) continue;
                    double* cj = c + (j * ldc);
                    for (int i = j; i < rows; i++) cj[i] -= (lk[i] * w) + (ln[i] * v);
                }
                k++;
            }
            else
            {
                for (int j = 0; j < columns; j++)
                {
                    double w = diagonal[k] * lk[j];
                    if (w == 0) continue;
                    double* cj = c + (j * ldc);
                    for (int i = j; i < rows; i++) cj[i] -= lk[i] * w;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractChunk(
        double* c, long ldc, int rows, int columns, double* l, long ldl, int pivots, double* diagonal, double* off, double* scratch)
    {
        int panels = (rows + TileRows - 1) / TileRows;
        double* packed = scratch;
        double* weights = scratch + ((long)panels * TileRows * pivots);
        double* tile = weights + (TileColumns * pivots);
        Pack(packed, rows, l, ldl, pivots);
        for (int j = 0; j < columns; j += TileColumns)
        {
            int width = Math.Min(TileColumns, columns - j);
            PackWeights(weights, width, l + j, ldl, pivots, diagonal, off);
            for (int panel = j / TileRows; panel < panels; panel++)
            {
                int i = panel * TileRows;
                double* source = packed + ((long)i * pivots);
                if (width == TileColumns && i + TileRows <= rows)
                {
                    Tile(c + i + (j * ldc), ldc, source, weights, pivots);
                    continue;
                }
                for (int t = 0; t < TileRows * TileColumns; t++) tile[t] = 0;
                Tile(tile, TileRows, source, weights, pivots);
                int height = Math.Min(TileRows, rows - i);
                for (int jj = 0; jj < width; jj++)
                {
                    double* column = c + i + ((j + jj) * ldc);
                    for (int ii = Math.Max(0, j + jj - i); ii < height; ii++) column[ii] += tile[ii + (jj * TileRows)];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(double* packed, int rows, double* l, long ldl, int pivots)
    {
        int i = 0;
        for (; i + TileRows <= rows; i += TileRows)
        {
            double* source = l + i;
            for (int k = 0; k < pivots; k++)
            {
                Vector256.Store(Vector256.Load(source), packed);
                Vector256.Store(Vector256.Load(source + 4), packed + 4);
                packed += TileRows;
                source += ldl;
            }
        }
        if (i == rows) return;
        for (int k = 0; k < pivots; k++)
        {
            for (int t = 0; t < TileRows; t++) packed[t] = i + t < rows ? l[i + t + (k * ldl)] : 0;
            packed += TileRows;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackWeights(double* weights, int width, double* l, long ldl, int pivots, double* diagonal, double* off)
    {
        for (int k = 0; k < pivots; k++)
        {
            double* lk = l + (k * ldl);
            double* to = weights + (k * TileColumns);
            if (off[k] != 0)
            {
                double* ln = lk + ldl;
                double a = diagonal[k], b = off[k], d = diagonal[k + 1];
                for (int t = 0; t < TileColumns; t++)
                {
                    to[t] = t < width ? (a * lk[t]) + (b * ln[t]) : 0;
                    to[t + TileColumns] = t < width ? (b * lk[t]) + (d * ln[t]) : 0;
                }
                k++;
            }
            else
            {
                double a = diagonal[k];
                for (int t = 0; t < TileColumns; t++) to[t] = t < width ? a * lk[t] : 0;
            }
        }
    }

    /// <summary>8 × 4 tile of C minus packed L times packed weights; eight accumulators hide the latency of the FMA.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(double* c, long ldc, double* l, double* w, int pivots)
    {
        double* c1 = c + ldc;
        double* c2 = c1 + ldc;
        double* c3 = c2 + ldc;
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (int k = 0; k < pivots; k++)
        {
            var x = Vector256.Load(l);
            var y = Vector256.Load(l + 4);
            var v = Vector256.Create(w[0]);
            a0 = Vector256.FusedMultiplyAdd(x, v, a0);
            b0 = Vector256.FusedMultiplyAdd(y, v, b0);
            v = Vector256.Create(w[1]);
            a1 = Vector256.FusedMultiplyAdd(x, v, a1);
            b1 = Vector256.FusedMultiplyAdd(y, v, b1);
            v = Vector256.Create(w[2]);
            a2 = Vector256.FusedMultiplyAdd(x, v, a2);
            b2 = Vector256.FusedMultiplyAdd(y, v, b2);
            v = Vector256.Create(w[3]);
            a3 = Vector256.FusedMultiplyAdd(x, v, a3);
            b3 = Vector256.FusedMultiplyAdd(y, v, b3);
            l += TileRows;
            w += TileColumns;
        }
        Vector256.Store(Vector256.Load(c) - a0, c);
        Vector256.Store(Vector256.Load(c + 4) - b0, c + 4);
        Vector256.Store(Vector256.Load(c1) - a1, c1);
        Vector256.Store(Vector256.Load(c1 + 4) - b1, c1 + 4);
        Vector256.Store(Vector256.Load(c2) - a2, c2);
        Vector256.Store(Vector256.Load(c2 + 4) - b2, c2 + 4);
        Vector256.Store(Vector256.Load(c3) - a3, c3);
        Vector256.Store(Vector256.Load(c3 + 4) - b3, c3 + 4);
    }
}
