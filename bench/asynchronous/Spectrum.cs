namespace Optc.Bench.Asynchronous;

/// <summary>The largest eigenvalue of the bound ¼XᵀX of all second derivatives in the metric of the blocks, by the power method.</summary>
internal static class Spectrum
{
    public static double Largest(Classification data, int blocks)
    {
        double[][] columns = data.Columns;
        int p = columns.Length, size = (p + blocks - 1) / blocks;
        double[] metric = new double[p];
        for (int first = 0; first < p; first += size)
        {
            int[] block = [.. Enumerable.Range(first, Math.Min(size, p - first))];
            double[] own = [.. block.Select(j => 0.25 * columns[j].Sum(v => v * v))];
            double largest = Power(columns, block, own);
            for (int k = 0; k < block.Length; k++) metric[block[k]] = largest * own[k];
        }
        return Power(columns, [.. Enumerable.Range(0, p)], metric);
    }

    private static double Power(double[][] columns, int[] members, double[] metric)
    {
        double[] vector = [.. members.Select((_, k) => 1.0 + (0.1 * (k % 3)))];
        double eigenvalue = 0.0;
        for (int step = 0; step < 200; step++)
        {
            var forms = new double[columns[0].Length];
            for (int k = 0; k < members.Length; k++)
            {
                for (int i = 0; i < forms.Length; i++) forms[i] += vector[k] / Math.Sqrt(metric[k]) * columns[members[k]][i];
            }
            for (int k = 0; k < members.Length; k++) vector[k] = 0.25 * columns[members[k]].Zip(forms, (a, b) => a * b).Sum() / Math.Sqrt(metric[k]);
            eigenvalue = Math.Sqrt(vector.Sum(v => v * v));
            for (int k = 0; k < members.Length; k++) vector[k] /= eigenvalue;
        }
        return eigenvalue;
    }
}
