/** See the module. */
package dev.reprise.loaders;
