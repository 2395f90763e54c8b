/** See the module. */
package dev.reprise.audit;
