package dev.reprise.samplers.schedule;

/** Checks of schedule parameters, so that each record says in one line what it needs. */
final class Checks {
    private Checks() {}

    static void increasing(String kind, String lowName, double low, String highName, double high) {
        if (!(low > 0 && low < high && high < Double.POSITIVE_INFINITY))
            throw new IllegalArgumentException(kind + " schedule needs 0 < " + lowName + " < " + highName + ", found " + lowName + " " + low
                    + ", " + highName + " " + high);
    }

    static void betas(String kind, double betaMin, double betaMax, double tMin, double tMax) {
        if (!(betaMin > 0 && betaMin <= betaMax && betaMax < Double.POSITIVE_INFINITY))
            throw new IllegalArgumentException(
                    kind + " schedule needs 0 < betaMin <= betaMax, found betaMin " + betaMin + ", betaMax " + betaMax);
        increasing(kind, "tMin", tMin, "tMax", tMax);
    }
}
