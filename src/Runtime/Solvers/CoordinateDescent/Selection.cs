namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>Order statistics without sorting.</summary>
internal static class Selection
{
    /// <summary>The count-th smallest of the keys (count from 1), whose order changes.</summary>
    public static double Smallest(Span<double> keys, int count)
    {
        int low = 0, high = keys.Length - 1, wanted = count - 1;
        while (low < high)
        {
            double a = keys[low], b = keys[(low + high) / 2], c = keys[high];
            double pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] < pivot) i++;
                while (keys[j] > pivot) j--;
                if (i > j) break;
                (keys[i], keys[j]) = (keys[j], keys[i]);
                i++;
                j--;
            }
            if (wanted <= j) high = j;
            else if (wanted >= i) low = i;
            else return keys[wanted];
        }
        return keys[wanted];
    }
}
